import Type, { type Static } from 'typebox';
import {
  Attachment,
  type Change,
  type Me,
  type Message,
  type ReadMark,
  type StorageState,
  type Stored,
} from './entities.ts';
import { ATTACHMENTS_MAX } from './limits.ts';

/** WebSocket frames: JSON text, one object a frame. docs/protocol.md says when each is sent. */

const Id = Type.String({ minLength: 1, maxLength: 255 });
const Seq = Type.Integer({ minimum: 0 });

export const clientFrames = {
  hello: Type.Object({
    type: Type.Literal('hello'),
    token: Type.Optional(Type.String({ maxLength: 4096 })),
    log: Type.Optional(Type.String({ maxLength: 100, description: 'the log this client knew' })),
    as: Type.Optional(Type.String({ maxLength: 255, description: 'whom this client takes itself for' })),
  }),
  follow: Type.Object({ type: Type.Literal('follow'), conversationId: Id, after: Type.Optional(Seq) }),
  unfollow: Type.Object({ type: Type.Literal('unfollow'), conversationId: Id }),
  followInbox: Type.Object({
    type: Type.Literal('followInbox'),
    after: Type.Optional(Type.Union([Type.String({ maxLength: 200 }), Seq])),
  }),
  post: Type.Object({
    type: Type.Literal('post'),
    ref: Type.Optional(Type.Union([Type.String({ maxLength: 100 }), Type.Number()])),
    conversationId: Id,
    id: Type.Optional(Type.String()),
    content: Type.String(),
    attachments: Type.Optional(
      Type.Array(Type.Object({ ...Attachment.properties, receipt: Type.String() }), { maxItems: ATTACHMENTS_MAX }),
    ),
    kind: Type.Optional(Type.Union([Type.Literal('message'), Type.Literal('note')])),
    ifLastSeq: Type.Optional(Seq),
    mentions: Type.Optional(Type.Array(Id)),
  }),
  read: Type.Object({ type: Type.Literal('read'), conversationId: Id, seq: Seq }),
  typing: Type.Object({ type: Type.Literal('typing'), conversationId: Id, typing: Type.Boolean() }),
  ping: Type.Object({ type: Type.Literal('ping') }),
} as const;

export type ClientFrame = {
  [K in keyof typeof clientFrames]: Static<(typeof clientFrames)[K]>;
}[keyof typeof clientFrames];

export type Side = 'visitor' | 'agent';

export type ServerFrame =
  | { type: 'welcome'; me: Me; cursor: string; log: string; serverTime: string }
  | { type: 'message'; message: Message }
  | { type: 'caughtUp'; conversationId: string; lastSeq: number }
  | { type: 'caughtUp'; cursor: string }
  | ({ type: 'change' } & Change)
  | { type: 'resync'; cursor: string }
  | { type: 'posted'; ref?: string | number; message: Message; stored: Stored }
  | { type: 'stored'; conversationId: string; messages: { id: string; seq: number }[]; stored: Stored }
  | ({ type: 'read' } & ReadMark)
  | { type: 'typing'; conversationId: string; side: Side; senderId: string; typing: boolean }
  | { type: 'presence'; conversationId: string; side: Side; online: boolean }
  | { type: 'delivered'; conversationId: string; seq: number }
  | ({ type: 'storage' } & StorageState)
  | { type: 'pong'; cursor: string }
  | {
      type: 'error';
      ref?: string | number;
      conversationId?: string;
      code: string;
      title: string;
      retry: 'now' | 'later' | 'never';
    };
