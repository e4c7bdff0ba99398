import { GuichetError } from '../../../domain/errors.ts';
import { StoreLifecycle } from '../../../domain/state/store-lifecycle.ts';
import type * as Port from '../../../domain/store.ts';
import type { Condition, FaultyDisk } from './faulty-disk.ts';

/** Conditions in which nothing is answered but with an outage. */
const REFUSING: ReadonlySet<Condition> = new Set(['down', 'undecided']);

/** A durable store on a disk, which fails as it is told. */
export class FaultyStore implements Port.Store {
  readonly name: string;
  readonly kind: Port.StoreKind;
  readonly capabilities = { durable: true, reopens: true };
  readonly #disk: FaultyDisk;
  readonly #lifecycle = new StoreLifecycle();
  #inner: Port.Store | undefined;
  #head: Port.LogHead = { log: { id: '', rewinds: 0 }, epoch: 0, position: 0, time: 0 };

  constructor(disk: FaultyDisk) {
    this.name = disk.name;
    this.kind = disk.kind;
    this.#disk = disk;
  }

  open(options: Port.OpenOptions = {}): Promise<Port.LogHead> {
    return this.#lifecycle.open(() => this.#open(options));
  }

  async #open(options: Port.OpenOptions): Promise<Port.LogHead> {
    await this.#reach();
    const { store, head } = await this.#disk.during(this.#disk.mount(options));
    this.#inner = store;
    this.#head = head;
    this.#lifecycle.opened();
    return head;
  }

  async identity(): Promise<Port.LogHead['log'] | undefined> {
    await this.#reach();
    return this.#disk.during(this.#disk.identity());
  }

  holder(): Port.Commitment {
    return { tier: this.kind, durable: true };
  }

  health(): Port.StoreHealth {
    const { position, floor } = this.#inner?.health() ?? { position: 0, floor: 0 };
    const { state, since } = this.#lifecycle;
    const isWell = this.#disk.condition === 'well' || state !== 'open';
    const lastError = isWell ? null : this.#disk.condition;
    return { state: isWell ? state : 'degraded', since, position, floor, lastError, lastSnapshot: null };
  }

  async close(): Promise<void> {
    if (this.#disk.condition === 'well') await this.#lifecycle.whenOpened();
    this.#lifecycle.closed();
    if (this.#inner !== undefined) this.#disk.unmount(this.#inner);
  }

  async append(batch: Port.Batch): Promise<Port.Commitment> {
    this.#lifecycle.requireOpen();
    if (batch.epoch !== this.#head.epoch) throw new GuichetError('fenced');
    const disk = this.#disk;
    const { feigned: condition } = disk;
    if (condition === 'full') throw new GuichetError('storage_full');
    if (condition === 'down' || condition === 'readOnly') throw new GuichetError('unavailable');
    if (condition === 'undecided') {
      void disk.begin(batch);
      throw new GuichetError('unavailable');
    }
    if (condition === 'hanging' || condition === 'silent') await disk.begin(batch);
    else await disk.take(batch);
    if (condition === 'cutOff') disk.condition = 'down';
    if (condition === 'cutOff' || condition === 'forgetful') throw new GuichetError('unavailable');
    return this.holder();
  }

  async view(request: Port.ViewRequest): Promise<Port.View> {
    await this.#reachOpen();
    // The head it tells is final: what was not decided is decided now.
    if (this.#disk.feigned !== 'hanging') await this.#disk.settle();
    const view = await this.#disk.during(this.#inner!.view(request));
    const { epoch, keeper } = this.#head;
    return { ...view, head: { ...view.head, epoch, keeper: keeper! } };
  }

  async #reach(): Promise<void> {
    const disk = this.#disk;
    while (disk.feigned === 'silent') await disk.speaks;
    if (REFUSING.has(disk.feigned)) throw new GuichetError('unavailable');
  }

  async #reachOpen(): Promise<void> {
    this.#lifecycle.requireOpen();
    if (this.#disk.feigned !== 'well') await this.#reach();
  }

  async #read<T>(work: (inner: Port.Store) => Promise<T>): Promise<T> {
    await this.#reachOpen();
    return this.#disk.during(work(this.#inner!));
  }

  recordsSince(position: number, limit: number, filter?: Port.RecordFilter): Promise<Port.RecordPage> {
    return this.#read((inner) => inner.recordsSince(position, limit, filter));
  }

  conversation(id: string): ReturnType<Port.Store['conversation']> {
    return this.#read((inner) => inner.conversation(id));
  }

  conversations(query: Port.ConversationQuery): Promise<Port.ConversationPage> {
    return this.#read((inner) => inner.conversations(query));
  }

  messages(conversationId: string, range: Port.MessageRange): Promise<Port.MessagePage> {
    return this.#read((inner) => inner.messages(conversationId, range));
  }

  countMessages(requests: readonly Port.MessageCount[]): Promise<number[]> {
    return this.#read((inner) => inner.countMessages(requests));
  }

  search(query: Port.MessageSearch): Promise<Port.MessageHits> {
    return this.#read((inner) => inner.search(query));
  }

  entry<K extends Parameters<Port.Store['entry']>[0]>(kind: K, id: string) {
    return this.#read((inner) => inner.entry(kind, id));
  }

  entries<K extends Parameters<Port.Store['entry']>[0]>(kind: K, page?: { after?: string; limit?: number }) {
    return this.#read((inner) => inner.entries(kind, page));
  }

  agentByEmail(email: string): ReturnType<Port.Store['agentByEmail']> {
    return this.#read((inner) => inner.agentByEmail(email));
  }
}
