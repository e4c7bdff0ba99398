/** The client library: what widget, console, tests and integrators use. Runs in browsers and in Node. */
export type * from './api.ts';
export { backoffMs } from './backoff.ts';
export { type ClientEvents, type ClientOptions, connectApi, GuichetClient } from './client.ts';
export { ClientError } from './client-error.ts';
export type { ConnectionState, ConnectionTimes } from './connection.ts';
export { type AgentPatch, type ConversationPatch, connectDeskApi, type DeskApi } from './desk-api.ts';
export { toOutboxFile } from './files.ts';
export { inTurn } from './in-turn.ts';
export { openOutboxStorage } from './indexed-db-outbox.ts';
export { listen } from './listen.ts';
export type { MessageState } from './message-state.ts';
export {
  type Kept,
  MemoryOutboxStorage,
  type OutboxEntry,
  type OutboxFile,
  type OutboxStorage,
  type PostTerms,
} from './outbox-storage.ts';
export { connectSecurityApi, type SecurityApi } from './security-api.ts';
export type { ItemFile, Thread, ThreadItem } from './thread.ts';
export { uuidv7 } from './uuid.ts';
