import { join } from 'node:path';
import type { ConversationHead, HeldReadMark } from '../../domain/model/conversation.ts';
import type { LogIdentity } from '../../domain/model/log-identity.ts';

export const SNAPSHOT_FORMAT = 1;

/** The files of a snapshot, and of its readable copies at the top of the data directory. */
export const SNAPSHOT_FILES = ['conversations.json', 'messages.json', 'directory.json'] as const;
export type SnapshotFileName = (typeof SNAPSHOT_FILES)[number];

/** `manifest.json` of one snapshot. */
export interface SnapshotManifest {
  readonly format: number;
  readonly log: LogIdentity;
  readonly epoch: number;
  /** The snapshot holds exactly the records up to here, and the time of the last of them. */
  readonly position: number;
  readonly time: number;
  /** Records above this position can be had one by one, as far as the journal reaches. */
  readonly floor: number;
  /** When it was taken, epoch ms. */
  readonly takenAt: number;
  readonly counts: { readonly conversations: number; readonly messages: number; readonly entries: number };
  readonly files: Readonly<Record<SnapshotFileName, { readonly bytes: number; readonly sha256: string }>>;
}

/** All that a manifest of a snapshot or a backup without a checksum can name, as early versions wrote it. */
export const UNSEALED_SNAPSHOT_KEYS: ReadonlySet<string> = new Set([
  ...(['format', 'log', 'epoch', 'position', 'time', 'floor', 'takenAt', 'counts', 'files', 'backup'] as const),
]);

const NAME = /^(\d{15})$/;

export const snapshotName = (position: number): string => String(position).padStart(15, '0');
export const snapshotPosition = (name: string): number | undefined => {
  const match = NAME.exec(name);
  return match === null ? undefined : Number(match[1]);
};
export const snapshotsDirectory = (directory: string): string => join(directory, 'snapshots');
export const snapshotPath = (directory: string, position: number): string =>
  join(snapshotsDirectory(directory), snapshotName(position));
/** What a snapshot is called while it is written. */
export const UNFINISHED = '.tmp-';

/** A head as one JSON object: the conversation, and what its messages and readers add to it. */
export const encodeHead = (head: ConversationHead): string => {
  const { conversation, reads, publicPosition, ...numbers } = head;
  return JSON.stringify({ ...conversation, ...numbers, publicThrough: publicPosition, reads });
};

type StoredHead = ConversationHead['conversation'] &
  Omit<ConversationHead, 'conversation' | 'reads' | 'publicPosition'> & {
    readonly publicThrough: number;
    readonly reads: readonly HeldReadMark[];
  };

/** The inverse of {@link encodeHead}, of a parsed object. */
export const decodeHead = (stored: unknown): ConversationHead => {
  const { position, lastSeq, lastPublicSeq, updatedAt, publicUpdatedAt, publicThrough, reads, ...conversation } =
    stored as StoredHead;
  const numbers = { position, lastSeq, lastPublicSeq, updatedAt, publicUpdatedAt, publicPosition: publicThrough };
  return { conversation, ...numbers, reads };
};
