import assert from 'node:assert/strict';
import { test } from 'node:test';
import { asGuichetError, GuichetError } from '../../domain/errors.ts';
import { POSTGRES } from '../postgres/postgres-dialect.ts';
import { FateOpen } from './dialect.ts';
import { PooledDriver, type Session } from './pooled-driver.ts';
import { type Sql, sql } from './sql.ts';

const REFUSED = 'It takes no writes for now.';

/** A pool of connections that answer, or not, as they are told; a connection has one question under way at a time. */
class ScriptedDriver extends PooledDriver {
  readonly dialect = POSTGRES;
  protected readonly beginMoment = [];
  /** What connections were asked, one list for each that was ever made. */
  readonly asked: string[][] = [];
  readonly #idle: number[] = [];
  /** The statement that is not answered in time. */
  silentAt: string | undefined;
  /** The statement that the server answers with a refusal. */
  refuses: string | undefined;

  protected async connect(): Promise<Session> {
    const number = this.#idle.pop() ?? this.asked.push([]) - 1;
    const ask = async (text: string): Promise<void> => {
      this.asked[number]!.push(text);
      if (text === this.silentAt) throw new GuichetError('unavailable', 'It did not answer in time.');
      if (text === this.refuses) throw new GuichetError('unavailable', REFUSED);
    };
    return {
      query: async (query) => {
        await ask(query.text(() => '?'));
        return [];
      },
      run: ask,
      commitAll: (query) => ask(query.text(() => '?')),
      commit: () => ask('COMMIT'),
      release: (isFit) => void (isFit && this.#idle.push(number)),
    };
  }

  protected isGuard(): boolean {
    return false;
  }

  protected isRefusal(thrown: unknown): boolean {
    return (thrown as GuichetError).message.includes(REFUSED);
  }

  protected atOnce(guard: Sql): Sql {
    return guard;
  }

  protected errorOf(thrown: unknown): GuichetError {
    return asGuichetError(thrown);
  }

  protected async beginMigration(): Promise<void> {}
  async open() {
    return { durable: true, reason: null };
  }
  async columns(): Promise<ReadonlyMap<string, string>> {
    return new Map();
  }
  protected async end(): Promise<void> {}
}

const write = (driver: ScriptedDriver): Promise<unknown> =>
  driver.transaction((transaction) => transaction.run([{ sql: sql`INSERT` }]));

for (const silentAt of ['SELECT 1', 'BEGIN', 'INSERT', 'COMMIT']) {
  test(`[SQ-6] a connection that did not answer ${silentAt} is asked nothing more: what it does late is over with it`, async () => {
    const driver = new ScriptedDriver('scripted');
    await driver.read(sql`SELECT 1`);
    await write(driver);
    assert.deepEqual(driver.asked, [['SELECT 1', 'BEGIN', 'INSERT', 'COMMIT']], 'one that is well is used again');
    driver.silentAt = silentAt;
    const failing = silentAt === 'SELECT 1' ? driver.read(sql`SELECT 1`) : write(driver);
    await assert.rejects(failing, (error) => error instanceof FateOpen === (silentAt === 'COMMIT'));
    driver.silentAt = undefined;
    await write(driver);
    assert.equal(driver.asked[0]!.at(-1), silentAt);
    assert.deepEqual(driver.asked[1], ['BEGIN', 'INSERT', 'COMMIT'], 'another one');
  });
}

test('[SQ-6] what became of a batch is open when its answer was lost, and not when the server refused it', async () => {
  const driver = new ScriptedDriver('scripted');
  const commit = (): Promise<boolean> => driver.commitIf(sql`MOVE`, [], false);
  driver.silentAt = 'MOVE';
  await assert.rejects(commit(), (error) => error instanceof FateOpen);
  driver.silentAt = undefined;
  driver.refuses = 'MOVE';
  // It can still be read then, and waiting for the end of what never began would keep it from that.
  await assert.rejects(commit(), (error) => !(error instanceof FateOpen));
  driver.refuses = undefined;
  assert.equal(await commit(), true);
});
