import Type from 'typebox';
import { endOtherSessions, endOwnSession, ownSessions } from '../../domain/actions/agent-sessions.ts';
import { addApiKey, ownApiKeys, revokeApiKey } from '../../domain/actions/api-keys.ts';
import { currentSettings } from '../../domain/actions/change-settings.ts';
import { makeResetToken } from '../../domain/actions/reset-password.ts';
import {
  beginSecondFactor,
  confirmSecondFactor,
  endSecondFactor,
  removeSecondFactor,
  secondFactorState,
} from '../../domain/actions/second-factor.ts';
import type { ApiKey as HeldApiKey } from '../../domain/model/directory.ts';
import { secretHash } from '../../lib/secret-hash.ts';
import { ApiKey, ApiKeyScope, SessionLine } from '../../protocol/entities.ts';
import { created, done, ok, operation } from '../operation.ts';
import { closed } from '../schema.ts';

const ById = closed({ id: Type.String() });
const Password = closed({ password: Type.String({ description: 'the own one, asked again' }) });

export const getSessions = operation({
  summary: 'The own sign-ins that still count',
  answers: { 200: Type.Object({ sessions: Type.Array(SessionLine) }) },
  async run({ actor, request, running }) {
    const token = running.authenticator.tokenOf(request.headers);
    const current = token === undefined ? undefined : secretHash(token);
    const sessions = await ownSessions(running.chat, actor);
    return ok({
      sessions: sessions.map(({ id, createdAt, expiresAt, client = null }) => ({
        ...{ id, createdAt, expiresAt, client },
        current: id === current,
      })),
    });
  },
});

export const deleteOwnSession = operation({
  summary: 'Ends one of the own sign-ins, wherever it is',
  params: ById,
  answers: { 204: null },
  async run({ actor, params, running }) {
    await endOwnSession(running.chat, actor, params.id);
    return done;
  },
});

export const deleteOtherSessions = operation({
  summary: 'Ends all own sign-ins but the one that asks',
  answers: { 204: null },
  async run({ actor, request, running }) {
    await endOtherSessions(running.chat, actor, running.authenticator.tokenOf(request.headers));
    return done;
  },
});

const keyView = ({ id, name, scope, createdAt, expiresAt }: HeldApiKey) => ({ id, name, scope, createdAt, expiresAt });

export const getApiKeys = operation({
  summary: 'The own API keys that still count',
  answers: { 200: Type.Object({ apiKeys: Type.Array(ApiKey) }) },
  run: async ({ actor, running }) => ok({ apiKeys: (await ownApiKeys(running.chat, actor)).map(keyView) }),
});

export const postApiKey = operation({
  summary: 'Makes an API key; the key itself is in this answer and nowhere else',
  body: closed({
    name: Type.String(),
    scope: ApiKeyScope,
    days: Type.Optional(Type.Union([Type.Integer(), Type.Null()], { description: 'null: until it is revoked' })),
  }),
  answers: { 201: Type.Object({ apiKey: ApiKey, key: Type.String() }) },
  async run({ actor, body, running }) {
    const { apiKey, key } = await addApiKey(running.chat, actor, { ...body, days: body.days ?? null });
    return created({ apiKey: keyView(apiKey), key });
  },
});

export const deleteApiKey = operation({
  summary: 'Revokes an own API key',
  params: ById,
  answers: { 204: null },
  async run({ actor, params, running }) {
    await revokeApiKey(running.chat, actor, params.id);
    return done;
  },
});

export const getSecondFactor = operation({
  summary: 'How the own second factor stands',
  answers: { 200: Type.Object({ enabled: Type.Boolean(), recoveryCodesLeft: Type.Integer() }) },
  run: async ({ actor, running }) => ok(await secondFactorState(running.chat, actor)),
});

export const postSecondFactor = operation({
  summary: 'Begins a second factor: the secret for an authenticator app, told this once',
  body: Password,
  answers: { 201: Type.Object({ secret: Type.String(), uri: Type.String() }) },
  async run({ actor, body, running, context }) {
    context.budgets.spend('signInsPerAddress', `password ${actor.id}`);
    const { teamName: issuer } = await currentSettings(running.chat);
    const terms = { key: running.secondFactorKey, issuer };
    return created(await beginSecondFactor(running.chat, actor, body.password, terms));
  },
});

export const putSecondFactor = operation({
  summary: 'Switches the second factor on with a first right code; answers the recovery codes, told this once',
  body: closed({ code: Type.String() }),
  answers: { 200: Type.Object({ recoveryCodes: Type.Array(Type.String()) }) },
  async run({ actor, body, running, context }) {
    context.budgets.spend('codesPerAgent', actor.id);
    const recoveryCodes = await confirmSecondFactor(running.chat, actor, body.code, running.secondFactorKey);
    return ok({ recoveryCodes });
  },
});

export const secondFactorOff = operation({
  summary: 'Switches the own second factor off',
  body: Password,
  answers: { 204: null },
  async run({ actor, body, running, context }) {
    context.budgets.spend('signInsPerAddress', `password ${actor.id}`);
    await endSecondFactor(running.chat, actor, body.password);
    return done;
  },
});

export const deleteSecondFactorOf = operation({
  summary: 'Switches the second factor of an agent off, who lost it',
  params: ById,
  answers: { 204: null },
  async run({ actor, params, running }) {
    await removeSecondFactor(running.chat, actor, params.id);
    return done;
  },
});

export const postResetLink = operation({
  summary: 'A link with which an agent chooses a new password, once, within a day',
  params: ById,
  answers: { 201: Type.Object({ path: Type.String(), expiresAt: Type.String() }) },
  async run({ actor, params, running }) {
    const { token, expiresAt } = await makeResetToken(running.chat, actor, params.id);
    // Behind the #, which browsers send to no server and write into no log of one.
    return created({ path: `/console#reset=${token}`, expiresAt });
  },
});
