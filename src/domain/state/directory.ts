import { DIRECTORY_KINDS, type DirectoryKind, type DirectoryValues } from '../model/directory.ts';
import type { LogRecord } from '../model/record.ts';

/** The newest record of every agent, contact, credential, session and setting, in memory. */
export class Directory {
  readonly #records = new Map<DirectoryKind, Map<string, LogRecord>>(DIRECTORY_KINDS.map((kind) => [kind, new Map()]));
  readonly #agentIdByEmail = new Map<string, string>();

  set(record: LogRecord<DirectoryKind>): void {
    const { kind, value } = record;
    if (record.is('agent')) {
      const former = this.get('agent', value.id)?.email;
      // Not if another has taken it since: on a page of a compacted log the new holder may come first.
      if (former && this.#agentIdByEmail.get(former) === value.id) this.#agentIdByEmail.delete(former);
      if (record.value.email) this.#agentIdByEmail.set(record.value.email, value.id);
    }
    this.#records.get(kind)!.set(value.id, record);
  }

  get<K extends DirectoryKind>(kind: K, id: string): DirectoryValues[K] | undefined {
    return this.#records.get(kind)!.get(id)?.value as DirectoryValues[K] | undefined;
  }

  agentByEmail(email: string): DirectoryValues['agent'] | undefined {
    const id = this.#agentIdByEmail.get(email.toLowerCase());
    return id === undefined ? undefined : this.get('agent', id);
  }

  list<K extends DirectoryKind>(kind: K, page: { after?: string; limit?: number } = {}): DirectoryValues[K][] {
    const ids = [...this.#records.get(kind)!.keys()].sort();
    const from = page.after === undefined ? 0 : ids.findIndex((id) => id > page.after!);
    if (from < 0) return [];
    const to = page.limit === undefined ? ids.length : from + page.limit;
    return ids.slice(from, to).map((id) => this.get(kind, id)!);
  }

  /** Every record, for snapshots and compacted reading; in no order. */
  *records(): Generator<LogRecord> {
    for (const byId of this.#records.values()) yield* byId.values();
  }
}
