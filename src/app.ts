import { flushCompileCache } from 'node:module';
import type { AddressInfo } from 'node:net';
import { join, resolve } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { FastifyInstance } from 'fastify';
import type { Logger } from 'pino';
import { backUpInProcess } from './backup/backup-process.ts';
import { DailyBackups } from './backup/daily-backups.ts';
import { openErasures } from './backup/erasures.ts';
import { DiskBlobs } from './blobs/disk-blobs.ts';
import type { Config } from './config/config.ts';
import { backupDirectory, ownDirectory } from './config/store-url.ts';
import { type Actor, SYSTEM } from './domain/access.ts';
import { applyErasures, type ErasedWhole, type EraseHow, eraseWhole } from './domain/actions/erase-visitor.ts';
import { applyRetention } from './domain/actions/retention.ts';
import { needsSetUp } from './domain/actions/set-up.ts';
import { Attachments } from './domain/attachments/attachments.ts';
import { BlobSweep } from './domain/attachments/blob-sweep.ts';
import type { Chat } from './domain/chat.ts';
import { GuichetError, isOutage } from './domain/errors.ts';
import { GroupCommit } from './domain/group-commit.ts';
import { bornAt } from './domain/model/log-identity.ts';
import type { LogHead, Store } from './domain/store.ts';
import { Authenticator } from './http/auth/authenticator.ts';
import { clientAddress, trustOf } from './http/auth/client-address.ts';
import { Origins } from './http/auth/origins.ts';
import { keyFor, loadSecrets } from './http/auth/secrets.ts';
import { SetUpLink } from './http/auth/set-up-link.ts';
import { VisitorDoor } from './http/auth/visitor-door.ts';
import { VisitorTokens } from './http/auth/visitor-tokens.ts';
import { addressKey, Budgets } from './http/budgets.ts';
import { Metrics } from './http/metrics.ts';
import type { HttpContext, Running } from './http/running.ts';
import { buildServer } from './http/server.ts';
import { SocketGate } from './http/socket-gate.ts';
import { giveBackMemory } from './lib/give-back-memory.ts';
import { Live } from './live/live.ts';
import { NodeDisk } from './stores/file/node-disk.ts';
import { createChain, createStore } from './stores/open-store.ts';
import { sentenceOf } from './stores/tiered/sentence.ts';
import { TieredStore } from './stores/tiered/tiered-store.ts';

/** What an erasure took away, and where backups of before may still hold it: a directory, and how many it keeps. */
export interface ErasedHere extends ErasedWhole {
  readonly backups: string | null;
  readonly keep: number;
}

/** A server that runs. */
export interface App {
  /** Where it listens; without a slash at the end. */
  readonly url: string;
  /** Throws the outage for as long as the store cannot be used. */
  readonly chat: Chat;
  /** Erases a visitor for a command. */
  erase(id: string, how: EraseHow): Promise<ErasedHere>;
  /** Stops accepting, finishes what was accepted, closes the store. A second call waits for the first. */
  stop(): Promise<void>;
}

/** What a start leaves to be tidied is tidied once the first callers are served. */
const AFTER_START_MS = 1000;
const RETRY_OPEN_MS = 1000;
/** Files that nothing names are looked for soon after a start, and then this often. */
const FIRST_SWEEP_MS = 10 * 60_000;
const SWEEP_EVERY_MS = 6 * 60 * 60_000;
/** Connections that do not end by themselves are cut after this, so that there is time left for the store. */
const HTTP_CLOSE_MS = 2500;
const RETENTION_FIRST_MS = 60_000;
const RETENTION_EVERY_MS = 6 * 60 * 60 * 1000;
const MAIN = fileURLToPath(new URL('./main.ts', import.meta.url));
const WEB_ROOT = fileURLToPath(new URL('../web/dist', import.meta.url));

/**
 * Starts a server: the one place where all layers meet. An outage of the store does not keep it from starting: it
 * answers 503 and tries again every second.
 * @throws GuichetError `refused` when the store needs a decision of its owner; the error of `listen` for a bad address
 */
export const startApp = async (config: Config, log: Logger): Promise<App> => {
  const app = new Application(config, log);
  await app.start();
  return app;
};

class Application implements App {
  readonly #config: Config;
  readonly #log: Logger;
  readonly #stopping = new AbortController();
  #server: FastifyInstance | undefined;
  #context: HttpContext | undefined;
  #running: Running | undefined;
  readonly #backups: DailyBackups | undefined;
  #sweep: BlobSweep | undefined;
  #sweepTimer: NodeJS.Timeout | undefined;
  #outage: GuichetError | undefined;
  #opening: Promise<void> = Promise.resolve();
  #stopped: Promise<void> | undefined;
  url = '';

  constructor(config: Config, log: Logger) {
    this.#config = config;
    this.#log = log;
    this.#backups = this.#dailyBackups();
  }

  async start(): Promise<void> {
    const { host, port } = this.#config;
    const budgets = new Budgets();
    const context: HttpContext = {
      options: this.#config,
      log: this.#log,
      origins: new Origins(this.#config),
      budgets,
      metrics: new Metrics(
        () => this.#running,
        () => this.#backups,
        () => budgets.refused,
      ),
      backups: this.#backups,
      webRoot: WEB_ROOT,
      running: () => this.#requireRunning(),
    };
    this.#context = context;
    this.#server = buildServer(context);
    try {
      await this.#backups?.load();
      await this.#tryOpen();
      await this.#server.listen({ host, port });
    } catch (error) {
      await this.stop();
      throw error;
    }
    this.url = urlOf(this.#server.server.address() as AddressInfo);
    this.#logSetUpLink();
    if (this.#running === undefined) this.#opening = this.#keepOpening();
    setTimeout(afterStart, AFTER_START_MS).unref();
  }

  get chat(): Chat {
    return this.#requireRunning().chat;
  }

  async erase(id: string, how: EraseHow): Promise<ErasedHere> {
    const { chat, erasures } = this.#requireRunning();
    const erased = await eraseWhole(chat, SYSTEM, id, how, (...more) => erasures.add(...more));
    // One that was begun before may hold what was erased: whoever looks at them next shall find it.
    return { ...erased, backups: (await this.#backups?.settled()) ?? null, keep: this.#config.backup.keep };
  }

  stop(): Promise<void> {
    this.#stopped ??= this.#stop();
    return this.#stopped;
  }

  async #stop(): Promise<void> {
    this.#stopping.abort();
    const server = this.#server;
    const closed = server?.close();
    await this.#opening;
    await this.#backups?.stop();
    // Read marks that wait are written by the live layer, so it closes before the log.
    await this.#running?.live.close();
    await this.#running?.chat.log.close();
    clearTimeout(this.#sweepTimer);
    await this.#sweep?.close();
    const cut = setTimeout(() => server?.server.closeAllConnections(), HTTP_CLOSE_MS);
    await closed;
    clearTimeout(cut);
    await this.#running?.chat.store.close();
  }

  /** Nothing is backed up of a chat that nobody keeps. */
  #dailyBackups(): DailyBackups | undefined {
    const { stores, backup, timezone } = this.#config;
    const kept = stores.filter(({ kind }) => kind !== 'memory');
    const [first] = kept;
    if (first === undefined) return undefined;
    return new DailyBackups({
      ...backup,
      directory: this.#backupDirectory,
      ...{ timezone, logger: sentences(this.#log) },
      make: (to, signal) => {
        // The best tier holds everything; the others may be behind.
        const { best } = this.#requireRunning().chat.store.health();
        const source = kept.find((url) => createStore(url).name === best) ?? first;
        return backUpInProcess(MAIN, source, this.#blobs, to, signal);
      },
    });
  }

  get #backupDirectory(): string | null {
    const { stores, backup } = this.#config;
    return backupDirectory(stores, backup.directory);
  }

  /** Where the content of files is. */
  get #blobs(): string {
    return this.#config.blobs ?? join(ownDirectory(this.#config.stores) ?? resolve('data'), 'blobs');
  }

  #requireRunning(): Running {
    if (this.#stopping.signal.aborted) throw new GuichetError('closing');
    if (this.#running !== undefined) return this.#running;
    throw this.#outage ?? new GuichetError('unavailable');
  }

  /** Opens the store once; an outage is kept to be told, a refusal is thrown. */
  async #tryOpen(): Promise<void> {
    const { stores, snapshotEverySeconds, timezone, tierTimeoutMs: timeoutMs, leaveBehind } = this.#config;
    const store = createChain(stores, {
      backedUp: () => this.#backups?.backedUp,
      ...{ snapshotEverySeconds, timezone, timeoutMs, leaveBehind },
      logger: sentences(this.#log),
      tell: (event) => {
        this.#context!.metrics.chainMoved(event.event);
        const { level, text } = sentenceOf(event);
        const { tier, error } = event;
        this.#log[level]({ tier, event: event.event, ...(error !== undefined && { err: error }) }, text);
        // Once the chain is what the event says.
        setImmediate(() => this.#running?.live.storageChanged());
      },
    });
    try {
      const head = await store.open();
      this.#running = await this.#assemble(store, head);
      this.#backups?.start(head.log, bornAt(head.log));
      this.#outage = undefined;
    } catch (error) {
      await store.close();
      if (!isOutage(error)) throw error;
      const isNews = this.#outage?.message !== (error as GuichetError).message;
      this.#outage = error as GuichetError;
      // Tried again every second, told once.
      if (isNews) {
        this.#log.error({ err: error, store: store.name }, 'the storage cannot be used; answering 503 until it can');
      }
    }
  }

  async #keepOpening(): Promise<void> {
    const { signal } = this.#stopping;
    while (this.#running === undefined && !signal.aborted) {
      await pause(RETRY_OPEN_MS, undefined, { signal }).catch(() => {});
      if (signal.aborted) return;
      try {
        await this.#tryOpen();
      } catch (error) {
        // A decision is needed, and whoever started the server has long been told that it runs.
        this.#outage = new GuichetError('unavailable', undefined, { cause: error });
        this.#log.fatal(
          { err: error },
          'the storage needs a decision; stop the server and start it again to read more',
        );
        return;
      }
    }
    if (this.#running === undefined) return;
    this.#log.info({ store: this.#running.chat.store.name }, 'the storage can be used');
    this.#logSetUpLink();
  }

  async #assemble(store: Store, head: LogHead): Promise<Running> {
    const { origins, budgets, metrics } = this.#context!;
    const [place] = this.#config.stores;
    const directory = ownDirectory(this.#config.stores);
    const secrets = await loadSecrets(directory, this.#config);
    if (place.kind === 'memory') this.#log.warn('everything is kept in memory and gone when the server stops');
    const log = new GroupCommit(store, head, {
      onCommitted: (batch) => {
        metrics.committed(batch);
        live.broadcast(batch);
        this.#sweep?.release(batch.released);
      },
    });
    const chat = { store, log };
    const blobs = new DiskBlobs(new NodeDisk(), this.#blobs);
    const attachments = new Attachments({
      ...{ store, blobs, rules: this.#config.attachments },
      secret: keyFor(secrets.sessionSecret, 'attachments'),
    });
    this.#sweep = new BlobSweep({
      ...{ store, blobs },
      logError: (error) =>
        this.#log.warn({ err: error }, 'files that nothing names could not be removed; tried again later'),
    });
    this.#sweepAfter(FIRST_SWEEP_MS);
    const live = new Live({
      ...{ chat, attachments },
      log: head.log,
      // Further than at its opening, if a tier came back since.
      position: store.health().position,
      secret: keyFor(secrets.sessionSecret, 'visitor cursors'),
      logError: (error, what) => this.#log.error({ err: error }, what),
      spend: (actor: Actor, on, of) => budgets.spendAs(actor, on, of),
    });
    if (store instanceof TieredStore) store.onMadeDurable = (made) => live.madeDurable(made);
    const erasures = await openErasures(directory, this.#backupDirectory, sentences(this.#log));
    const applied = await applyErasures(chat, erasures.items);
    if (applied > 0) this.#log.warn({ visitors: applied }, 'visitors who were erased before are erased again');
    this.#keepRetention(chat);
    const setUpLink = (await needsSetUp(chat)) ? new SetUpLink() : undefined;
    const visitors = new VisitorDoor({
      store,
      visitorTokens: new VisitorTokens(secrets.sessionSecret),
      identitySecret: secrets.identitySecret,
      requireIdentity: this.#config.requireIdentity,
    });
    const authenticator = new Authenticator({ store, visitors, adminToken: this.#config.adminToken, origins });
    const gate = new SocketGate((budget) => budgets.refuse(budget));
    const trust = trustOf(this.#config.trustProxy);
    live.attach(this.#server!.server, {
      authenticate: async ({ headers }) => (origins.isFromOwnPage(headers) ? authenticator.byCookie(headers) : null),
      authenticateToken: (token, address) => authenticator.byToken(token, address),
      addressOf: (request) => addressKey(clientAddress(request, trust)),
      enter: (address) => gate.enter(address),
      enterAs: (visitorId) => gate.enterAs(visitorId),
      originAllowed: ({ headers }) => origins.isAllowed(headers),
    });
    const secondFactorKey = keyFor(secrets.sessionSecret, 'second factors');
    return { chat, attachments, live, authenticator, visitors, secondFactorKey, erasures, setUpLink };
  }

  #sweepAfter(ms: number): void {
    this.#sweepTimer = setTimeout(() => {
      void this.#sweep?.sweep();
      this.#sweepAfter(SWEEP_EVERY_MS);
    }, ms).unref();
  }

  /** Applies the policy on how long contents are kept, a while after the start and then all day long. */
  #keepRetention(chat: Chat): void {
    const { signal } = this.#stopping;
    const keep = async (): Promise<void> => {
      for (let wait = RETENTION_FIRST_MS; ; wait = RETENTION_EVERY_MS) {
        await pause(wait, undefined, { signal, ref: false }).catch(() => {});
        if (signal.aborted) return;
        try {
          const { conversations } = await applyRetention(chat);
          if (conversations > 0) this.#log.info({ conversations }, 'contents of old conversations were deleted');
        } catch (error) {
          this.#log.warn({ err: error }, 'old contents were not deleted; tried again later');
        }
      }
    };
    void keep();
  }

  #logSetUpLink(): void {
    const token = this.#running?.setUpLink?.token;
    if (token === undefined) return;
    const setupUrl = `${this.#config.publicUrl ?? this.url}/console#setup=${token}`;
    this.#log.info({ setupUrl }, 'set up');
  }
}

const afterStart = (): void => {
  giveBackMemory();
  // Otherwise written at a graceful end only, and a server may never have one.
  flushCompileCache();
};

/** An address as a URL that can be opened on this machine. */
const urlOf = ({ address, family, port }: AddressInfo): string => {
  if (address === '0.0.0.0' || address === '::') return `http://localhost:${port}`;
  return `http://${family === 'IPv6' ? `[${address}]` : address}:${port}`;
};

/** The log as stores write to it: whole sentences. */
const sentences = (log: Logger) => ({
  info: (message: string): void => log.info(message),
  warn: (message: string): void => log.warn(message),
  error: (message: string): void => log.error(message),
});
