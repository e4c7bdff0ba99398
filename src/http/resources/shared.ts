import Type from 'typebox';
import { PAGE_DEFAULT, PAGE_MAX, WAIT_MAX_SECONDS } from '../../protocol/limits.ts';
import { closed } from '../schema.ts';

/** Fields that several calls share. */

export const ConversationParams = closed({ id: Type.String({ description: 'id of the conversation' }) });

export const Limit = Type.Optional(
  Type.Integer({ minimum: 1, description: `default ${PAGE_DEFAULT}; more than ${PAGE_MAX} is ${PAGE_MAX}` }),
);
export const Wait = Type.Optional(
  Type.Integer({ minimum: 0, description: `seconds to wait for something; at most ${WAIT_MAX_SECONDS}` }),
);
export const Seq = Type.Integer({ minimum: 0 });

/** A limit as it is applied. */
export const limitOf = ({ limit = PAGE_DEFAULT }: { limit?: number }): number => Math.min(limit, PAGE_MAX);

/** A wait as it is applied. */
export const waitOf = ({ wait = 0 }: { wait?: number }): number => Math.min(wait, WAIT_MAX_SECONDS);

/** Only the fields that are there: an absent field and one that is `undefined` are told apart behind the door. */
export const present = <T extends object>(fields: T): { [K in keyof T]?: Exclude<T[K], undefined> } =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]?: Exclude<T[K], undefined>;
  };
