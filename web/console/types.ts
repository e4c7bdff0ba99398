/** The shapes the console speaks of. */
export type { Agent, Conversation, Me, Message, Status, StorageReport } from '../../src/protocol/entities.ts';
