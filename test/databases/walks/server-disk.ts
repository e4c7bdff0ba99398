import assert from 'node:assert/strict';
import { parseSingleStoreUrl } from '../../../src/config/store-url.ts';
import { LogRecord, type RecordKind } from '../../../src/domain/model/record.ts';
import type { Batch, Store } from '../../../src/domain/store.ts';
import { createStore } from '../../../src/stores/open-store.ts';
import type { Driver } from '../../../src/stores/sql/dialect.ts';
import { sql } from '../../../src/stores/sql/sql.ts';
import type { Condition, Pending } from '../../../src/stores/tiered/testing/faulty-disk.ts';
import type { DatabaseServer } from '../../support/databases/database-server.ts';
import type { FaultProxy } from '../../support/fault-proxy.ts';
import { KeptDisk } from './kept-disk.ts';

/** What is done to the connection or the server in earnest; the rest is played in front of it. */
const IN_EARNEST: ReadonlySet<Condition> = new Set(['forgetful', 'cutOff', 'down']);
const isCommit = (chunk: Buffer): boolean => chunk.includes('COMMIT');

export interface ServerDiskOptions {
  readonly server: DatabaseServer;
  /** Stands between the store and the server. */
  readonly proxy: FaultProxy;
  /** Reads what is held, past the proxy. */
  readonly observer: Driver;
  readonly random: () => number;
}

/** A store on a database server behind a proxy. Going down is a refused connection, or the end of the server by kill -9. */
export class ServerDisk extends KeptDisk {
  override readonly kind: 'postgres' | 'mysql';
  readonly #options: ServerDiskOptions;
  #isKilled = false;
  #isArmed = false;
  #held: readonly LogRecord[] = [];

  constructor(kind: 'postgres' | 'mysql', options: ServerDiskOptions) {
    super(kind);
    this.kind = kind;
    this.#options = options;
  }

  protected async make(): Promise<Store> {
    return createStore(parseSingleStoreUrl(this.#options.proxy.url, '--store'));
  }

  override get feigned(): Condition {
    return IN_EARNEST.has(this.condition) ? 'well' : this.condition;
  }

  override async become(condition: Condition): Promise<void> {
    const { server, proxy, random } = this.#options;
    const was = this.condition;
    this.condition = condition;
    if (was === condition) return;
    if (was === 'down') {
      if (this.#isKilled) await server.restart();
      this.#isKilled = false;
      await proxy.pass();
    }
    if (condition !== 'down') return;
    this.#isKilled = random() < 0.5;
    if (this.#isKilled) await server.kill9();
    await proxy.refuse();
  }

  protected override async keep(batch: Batch, by: Store | undefined): Promise<void> {
    if (this.condition === 'forgetful' || this.condition === 'cutOff') this.#loseAnswer();
    await super.keep(batch, by);
  }

  protected override async arriveLate({ batch, by }: Pending): Promise<void> {
    await assert.rejects(by!.append(batch), { code: 'fenced' }, 'a process that is gone wrote behind the next one');
  }

  /** Of the next COMMIT; and nothing is heard any more where it is cut off. */
  #loseAnswer(): void {
    if (this.#isArmed) return;
    this.#isArmed = true;
    const lost = this.#options.proxy.dropReply(isCommit).then(() => {
      this.#isArmed = false;
      if (this.condition !== 'cutOff') return undefined;
      this.condition = 'down';
      return this.#options.proxy.refuse();
    });
    lost.catch(() => {});
  }

  override async held(): Promise<readonly LogRecord[]> {
    if (this.#isKilled || this.inner === undefined) return this.#held;
    const rows = await this.#options.observer.read(sql`SELECT position, time, kind, record FROM chat_log
      ORDER BY position`);
    this.#held = rows.map(
      ({ position, time, kind, record }) =>
        new LogRecord(position as number, time as number, kind as RecordKind, record as string),
    );
    return this.#held;
  }

  override async end(): Promise<void> {
    await this.become('well');
    await super.end();
    await this.#options.observer.close();
  }
}
