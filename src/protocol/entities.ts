import Type, { type Static } from 'typebox';
import { RATING_MAX, RATING_MIN } from './limits.ts';

/**
 * The things that cross the wire, as TypeBox schemas: one definition gives validation, types and OpenAPI.
 * Browsers import the types only, so that the library stays out of their bundle.
 */

const Nullable = <T extends Type.TSchema>(schema: T) => Type.Union([schema, Type.Null()]);
const Time = Type.String({ description: 'UTC, ISO 8601 with milliseconds' });

export const Status = Type.Union([Type.Literal('ACTIVE'), Type.Literal('SNOOZED'), Type.Literal('CLOSED')]);
export type Status = Static<typeof Status>;

export const SenderType = Type.Union([
  Type.Literal('USER'),
  Type.Literal('AGENT'),
  Type.Literal('BOT'),
  Type.Literal('SYSTEM'),
]);
export type SenderType = Static<typeof SenderType>;

export const MessageKind = Type.Union([Type.Literal('message'), Type.Literal('note'), Type.Literal('event')]);
export type MessageKind = Static<typeof MessageKind>;

/** What an event message tells; the interface turns it into a sentence in the reader's language. */
export const MessageEvent = Type.Union([
  Type.Object({ type: Type.Literal('status'), from: Status, to: Status }),
  Type.Object({ type: Type.Literal('agent'), from: Nullable(Type.String()), to: Nullable(Type.String()) }),
  Type.Object({ type: Type.Literal('reopened'), from: Status }),
]);
export type MessageEvent = Static<typeof MessageEvent>;

export const Attachment = Type.Object({
  id: Type.String({ description: 'SHA-256 of the content, as hex' }),
  name: Type.String(),
  type: Type.String({ description: 'media type, found in the content' }),
  size: Type.Integer({ description: 'in bytes' }),
  width: Type.Optional(Type.Integer({ description: 'of images that may be shown, in pixels' })),
  height: Type.Optional(Type.Integer()),
});
export type Attachment = Static<typeof Attachment>;

export const Message = Type.Object({
  id: Type.String(),
  conversationId: Type.String(),
  seq: Type.Integer({ description: 'Order in the conversation. Towards visitors: among the messages they may see' }),
  publicSeq: Type.Optional(Type.Integer({ description: 'Agents only, where it differs from seq' })),
  kind: MessageKind,
  senderId: Type.String(),
  senderType: SenderType,
  content: Type.String(),
  createdAt: Time,
  durable: Type.Boolean(),
  redacted: Type.Optional(Type.Boolean()),
  event: Type.Optional(MessageEvent),
  attachments: Type.Optional(Type.Array(Attachment)),
});
export type Message = Static<typeof Message>;

/** What a visitor thought of a conversation that was closed. */
export const Rating = Type.Object({
  score: Type.Integer({ minimum: RATING_MIN, maximum: RATING_MAX }),
  comment: Nullable(Type.String()),
  at: Time,
});
export type Rating = Static<typeof Rating>;

/** The page a visitor was last seen on, without its query and fragment, which may carry secrets. */
export const Page = Type.Object({ url: Type.String(), title: Nullable(Type.String()), at: Time });
export type Page = Static<typeof Page>;

/** What a site says of its visitor, in words of its own: a plan, a number of customer. */
export const Attributes = Type.Record(Type.String(), Type.String());
export type Attributes = Static<typeof Attributes>;

export const Visitor = Type.Object({
  id: Type.String(),
  name: Nullable(Type.String()),
  email: Nullable(Type.String()),
  locale: Nullable(Type.String()),
  attributes: Type.Optional(Attributes),
  page: Type.Optional(Nullable(Page)),
  identified: Type.Optional(Type.Boolean({ description: 'A site vouches for name and e-mail address' })),
  createdAt: Time,
});
export type Visitor = Static<typeof Visitor>;

/** How far somebody has read; `seq` as in messages of the same audience. */
export const ReadMark = Type.Object({
  conversationId: Type.String(),
  readerId: Type.String(),
  readerType: Type.Union([Type.Literal('USER'), Type.Literal('AGENT')]),
  seq: Type.Integer(),
  at: Type.Optional(Type.String({ description: 'Agents only' })),
});
export type ReadMark = Static<typeof ReadMark>;

export const Conversation = Type.Object({
  id: Type.String(),
  subject: Nullable(Type.String()),
  status: Status,
  userId: Type.String(),
  agentId: Nullable(Type.String()),
  labels: Type.Optional(Type.Array(Type.String(), { description: 'Agents only' })),
  snoozedUntil: Type.Optional(Nullable(Time)),
  createdAt: Time,
  updatedAt: Time,
  lastSeq: Type.Integer(),
  reads: Type.Optional(Type.Array(ReadMark, { description: 'How far each reader has read' })),
  unread: Type.Optional(Type.Integer({ description: "Messages of the other side after the caller's own read mark" })),
  lastMessage: Type.Optional(Nullable(Message)),
  rating: Type.Optional(Rating),
  agent: Type.Optional(
    Type.Object({ id: Type.String(), name: Type.String() }, { description: 'Visitors only, in lists: who answers' }),
  ),
  contact: Type.Optional(
    Type.Object({
      ...Visitor.properties,
      locale: Type.Optional(Visitor.properties.locale),
      createdAt: Type.Optional(Time),
    }),
  ),
});
export type Conversation = Static<typeof Conversation>;

export const Stored = Type.Object({
  tier: Type.Union([
    Type.Literal('memory'),
    Type.Literal('file'),
    Type.Literal('sqlite'),
    Type.Literal('postgres'),
    Type.Literal('mysql'),
  ]),
  durable: Type.Boolean(),
  position: Type.Optional(Type.Integer({ description: 'Agents only' })),
});
export type Stored = Static<typeof Stored>;

export const Role = Type.Union([Type.Literal('admin'), Type.Literal('agent')]);
export type Role = Static<typeof Role>;

export const Agent = Type.Object({
  id: Type.String(),
  email: Nullable(Type.String()),
  name: Type.String(),
  role: Role,
  active: Type.Boolean({ description: 'false: kept for its old messages, cannot sign in' }),
  createdAt: Time,
});
export type Agent = Static<typeof Agent>;

/** Who a token belongs to. */
export const Me = Type.Union([
  Type.Object({ type: Type.Literal('visitor'), id: Type.String(), visitor: Visitor }),
  Type.Object({ type: Type.Literal('agent'), id: Type.String(), role: Role, agent: Type.Optional(Agent) }),
]);
export type Me = Static<typeof Me>;

const OwnText = Type.Optional(Type.String({ maxLength: 500 }));
/** The owner's words in one language; an absent or empty one leaves the word to the widget. */
export const WidgetTexts = Type.Object(
  {
    greeting: OwnText,
    /** Outside working hours, and while nobody is there. */
    away: OwnText,
    /** Above the fields that are asked for before the first message. */
    preChat: OwnText,
  },
  { additionalProperties: false },
);
export type WidgetTexts = Static<typeof WidgetTexts>;

/** Whether a visitor is asked for something before the first message. */
export const Asked = Type.Union([Type.Literal('off'), Type.Literal('optional'), Type.Literal('required')]);
export type Asked = Static<typeof Asked>;

const Clock = Type.String({
  pattern: '^(([01][0-9]|2[0-3]):[0-5][0-9]|24:00)$',
  description: 'HH:MM; 24:00 is midnight',
});
export const WorkingHours = Type.Object(
  {
    timezone: Type.String({ maxLength: 60, description: 'IANA name such as Europe/Paris' }),
    days: Type.Array(
      Type.Array(Type.Object({ from: Clock, to: Clock }, { additionalProperties: false }), { maxItems: 4 }),
      { minItems: 7, maxItems: 7, description: 'Monday first; each a list of times of that day, in order' },
    ),
  },
  { additionalProperties: false },
);
export type WorkingHours = Static<typeof WorkingHours>;

/** Settings of the installation, the same for everybody. */
export const Settings = Type.Object({
  teamName: Type.String({ minLength: 1, maxLength: 100 }),
  /** Where `texts` has none in the visitor's language. */
  greeting: Type.String({ maxLength: 500 }),
  accent: Nullable(Type.String({ pattern: '^#[0-9A-Fa-f]{6}$' })),
  position: Type.Union([Type.Literal('left'), Type.Literal('right')]),
  texts: Type.Record(Type.String(), WidgetTexts, { description: 'by language, such as `en` or `fr`' }),
  preChat: Type.Object({ name: Asked, email: Asked }, { additionalProperties: false }),
  /** Null: always open. */
  workingHours: Nullable(WorkingHours),
  /** Whether visitors are asked what they thought of a conversation that was closed. */
  rating: Type.Boolean(),
  /** Whether a conversation that nobody has is given to somebody who is online. */
  autoAssign: Type.Boolean(),
});
export type Settings = Static<typeof Settings>;

/** What a widget may know of the installation before it has a token. */
export const WidgetInfo = Type.Object({
  ...Type.Omit(Settings, ['autoAssign', 'workingHours']).properties,
  online: Type.Boolean({ description: 'whether an agent is connected' }),
  open: Type.Boolean({ description: 'within working hours' }),
  opensAt: Nullable(Type.String({ description: 'UTC; when it is open next, if it is not now and ever will be' })),
  attachments: Type.Object({
    maxBytes: Type.Integer({ description: 'of one file; 0: none are taken' }),
    types: Type.Array(Type.String({ description: 'media types; `image/*` for all of one kind' })),
  }),
});
export type WidgetInfo = Static<typeof WidgetInfo>;

/** A label that conversations may bear. `id` is what they hold; its name and colour may change. */
export const Label = Type.Object({
  id: Type.String(),
  name: Type.String(),
  color: Type.String({ pattern: '^#[0-9A-Fa-f]{6}$' }),
  archived: Type.Boolean({ description: 'kept on the conversations that bear it, offered no more' }),
});
export type Label = Static<typeof Label>;

/** A text that agents put in with a few letters. */
export const CannedReply = Type.Object({
  id: Type.String(),
  shortcut: Type.String({ description: 'what is typed behind the slash' }),
  content: Type.String({ description: 'may hold {{name}}, {{email}}, {{agent}} and {{team}}' }),
  archived: Type.Boolean(),
});
export type CannedReply = Static<typeof CannedReply>;

/** The newest note of a conversation that names an agent. */
export const Mention = Type.Object({
  agentId: Type.String(),
  conversationId: Type.String(),
  messageId: Type.String(),
  seq: Type.Integer(),
  byId: Type.String({ description: 'the agent who wrote the note' }),
  at: Time,
  seen: Type.Boolean(),
});
export type Mention = Static<typeof Mention>;

const Count = Type.Object({
  count: Type.Integer(),
  atLeast: Type.Boolean({ description: 'there are more, which were not counted' }),
});

/** How the desk does. Only so many conversations are looked at, those with the newest activity. */
export const Statistics = Type.Object({
  at: Time,
  since: Time,
  timezone: Type.String({ description: 'whose days are meant' }),
  /** Active conversations, and those of them where the visitor has the last word. */
  open: Count,
  waiting: Count,
  /** Conversations with activity in the period; where `atLeast`, only so many of them, the newest, were counted. */
  lookedAt: Count,
  /** Conversations by the day on which they began. */
  started: Type.Array(Type.Object({ day: Type.String(), count: Type.Integer() })),
  firstAnswer: Type.Object({
    count: Type.Integer(),
    medianSeconds: Nullable(Type.Integer()),
    groups: Type.Array(Type.Object({ upToSeconds: Nullable(Type.Integer()), count: Type.Integer() })),
  }),
  ratings: Type.Object({
    count: Type.Integer(),
    average: Nullable(Type.Number()),
    byScore: Type.Array(Type.Integer(), { description: 'how many gave 1, 2, … 5' }),
  }),
});
export type Statistics = Static<typeof Statistics>;

/** One entry of the change feed: `kind` names the field that holds the thing as it is now. */
export const Change = Type.Object({
  cursor: Type.String(),
  kind: Type.Union([
    Type.Literal('conversation'),
    Type.Literal('message'),
    Type.Literal('read'),
    Type.Literal('contact'),
    Type.Literal('agent'),
    Type.Literal('settings'),
    Type.Literal('label'),
    Type.Literal('cannedReply'),
    Type.Literal('mention'),
  ]),
  conversation: Type.Optional(Conversation),
  message: Type.Optional(Message),
  read: Type.Optional(ReadMark),
  contact: Type.Optional(Visitor),
  agent: Type.Optional(Agent),
  settings: Type.Optional(Settings),
  label: Type.Optional(Label),
  cannedReply: Type.Optional(CannedReply),
  mention: Type.Optional(Mention),
});
export type Change = Static<typeof Change>;

export const TierReport = Type.Object({
  name: Type.String(),
  kind: Stored.properties.tier,
  /** `behind`: being filled; `standby`: memory that is not needed now. */
  state: Type.Union([Type.Literal('member'), Type.Literal('behind'), Type.Literal('down'), Type.Literal('standby')]),
  position: Type.Integer(),
  lag: Type.Integer(),
  since: Time,
  outSince: Nullable(Type.String({ description: 'Since when it holds less than everything' })),
  lastError: Nullable(Type.String()),
});
export const StorageReport = Type.Object({
  /** The tier that an acknowledgement names now; null when nothing is accepted. */
  committing: Nullable(Type.String()),
  degraded: Type.Boolean(),
  /** What becomes of a message sent now: held for good, in memory only, or refused. */
  writes: Type.Union([Type.Literal('durable'), Type.Literal('volatile'), Type.Literal('none')]),
  /** False while a tier that may hold newer messages is away. */
  complete: Type.Boolean(),
  durablePosition: Type.Integer(),
  /** Since when something acknowledged is in memory only. */
  unsavedSince: Nullable(Time),
  since: Time,
  lastError: Nullable(Type.String()),
  tiers: Type.Array(TierReport),
  lastSnapshot: Nullable(Type.Object({ position: Type.Integer(), at: Time })),
  lastVerifiedBackup: Nullable(Type.Object({ position: Type.Integer(), at: Time })),
  lastBackupError: Nullable(Type.String()),
});
export type StorageReport = Static<typeof StorageReport>;

/** How the storage is, in short: what changes it is told to agents at once. */
export const StorageState = Type.Object({
  mark: Type.String({ description: 'another one whenever a tier or what becomes of writes has changed' }),
  degraded: StorageReport.properties.degraded,
  writes: StorageReport.properties.writes,
});
export type StorageState = Static<typeof StorageState>;

/** What an API key may do: look on, what an agent may, or all that its owner may. */
export const ApiKeyScope = Type.Union([Type.Literal('read'), Type.Literal('agent'), Type.Literal('admin')]);
export type ApiKeyScope = Static<typeof ApiKeyScope>;

export const ApiKey = Type.Object({
  id: Type.String(),
  name: Type.String(),
  scope: ApiKeyScope,
  createdAt: Time,
  expiresAt: Nullable(Time),
});
export type ApiKey = Static<typeof ApiKey>;

/** One sign-in of an agent that still counts. */
export const SessionLine = Type.Object({
  id: Type.String(),
  createdAt: Time,
  expiresAt: Time,
  client: Nullable(Type.String()),
  current: Type.Boolean({ description: 'the one that asks' }),
});
export type SessionLine = Static<typeof SessionLine>;

/** One line of the audit log: who did what to what. */
export const AuditLine = Type.Object({
  number: Type.Integer(),
  at: Time,
  by: Type.Object({
    type: Type.Union([Type.Literal('visitor'), Type.Literal('agent'), Type.Literal('system')]),
    id: Type.String(),
  }),
  action: Type.String(),
  about: Nullable(Type.String()),
  detail: Type.Optional(Type.String()),
});
export type AuditLine = Static<typeof AuditLine>;

/** Problem details (RFC 9457) with our code and what a client should do about it. */
export const Problem = Type.Object({
  type: Type.String(),
  title: Type.String(),
  status: Type.Integer(),
  detail: Type.Optional(Type.String()),
  code: Type.String(),
  retry: Type.Union([Type.Literal('now'), Type.Literal('later'), Type.Literal('never')]),
});
export type Problem = Static<typeof Problem>;
