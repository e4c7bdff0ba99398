import assert from 'node:assert/strict';
import { dirname } from 'node:path';
import type { TraceEvent } from './trace.ts';

/** What a tracer has to watch. */
export const TRACED_CALLS = 'write,writev,pwrite64,pwritev,pwritev2,sendto,sendmsg,sendmmsg,fsync,fdatasync';
const MESSAGE_ID = /[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/g;

const isSync = ({ name }: TraceEvent) => name === 'fdatasync' || name === 'fsync';
/** A tracer names a socket by its inode alone where the kernel's list of them changed while it was looked up. */
const isSocket = ({ target }: TraceEvent) => /^(?:TCP|socket:)/.test(target ?? '');
const isJournal = ({ target }: TraceEvent) => /\/journal\/|-wal$/.test(target ?? '');

/** A directory has no bytes of its own at stake: its names may be synced again. */
const isDirectory = ({ name }: TraceEvent) => name === 'fsync';

/** How far the bytes of a message have come. */
type Progress = 'written' | 'syncing' | 'durable';

/**
 * Walks through a trace and fails at the first socket write that names a message whose bytes no sync has covered that
 * began after they were written and ended well, or whose file's name no
 * sync of its directory has covered; and at a write to a file, or a sync of it, behind a sync that failed.
 * @returns ids that were sent to a socket, how many syncs there were, and of how many files one failed
 */
export const followMessages = (events: readonly TraceEvent[], acknowledged: ReadonlySet<string>) => {
  const progress = new Map<string, { file: string; state: Progress }>();
  const sent = new Set<string>();
  let syncs = 0;
  /** Files of which a sync failed: what the kernel still says of them is worth nothing. */
  const spoiled = new Set<string>();
  /** Journal files, and whether a sync of their directory has ended since they were first written. */
  const named = new Map<string, boolean>();
  const advance = (file: string | undefined, from: Progress, to: Progress) => {
    for (const entry of progress.values()) if (entry.file === file && entry.state === from) entry.state = to;
  };
  for (const event of events) {
    const isTouched = event.phase === 'begin' && spoiled.has(event.target ?? '') && !isDirectory(event);
    assert.ok(!isTouched, `${event.name} on ${event.target}, of which a sync had failed`);
    if (isSync(event) && event.phase === 'begin') advance(event.target, 'written', 'syncing');
    else if (isSync(event)) {
      if (event.result === 0) advance(event.target, 'syncing', 'durable');
      else {
        spoiled.add(event.target ?? '');
        for (const [id, entry] of progress)
          if (entry.file === event.target && entry.state !== 'durable') progress.delete(id);
      }
      syncs += 1;
      for (const file of named.keys()) if (event.result === 0 && dirname(file) === event.target) named.set(file, true);
    } else {
      const ids = [...event.args.matchAll(MESSAGE_ID)].map(([id]) => id).filter((id) => acknowledged.has(id));
      if (isJournal(event) && event.phase === 'end') {
        const file = event.target ?? '';
        if (!named.has(file)) named.set(file, false);
        for (const id of ids) {
          if ((event.result ?? -1) > 0 && !progress.has(id)) progress.set(id, { file, state: 'written' });
        }
      } else if (isSocket(event) && event.phase === 'begin') {
        for (const id of ids) {
          const { file = '', state } = progress.get(id) ?? {};
          assert.equal(state, 'durable', `${id} was sent before its bytes were durable`);
          assert.ok(named.get(file), `${id} was sent before the name of ${file} was durable`);
          sent.add(id);
        }
      }
    }
  }
  return { sent, syncs, failures: spoiled.size };
};
