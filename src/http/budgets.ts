import type { Actor } from '../domain/access.ts';
import { GuichetError } from '../domain/errors.ts';
import { type Rate, TokenBuckets } from '../lib/token-buckets.ts';

/** What one caller may ask for before being told to wait. Agents and ADMIN_TOKEN are bound by none but sign-in. */
const BUDGETS = {
  visitorsPerAddress: { burst: 30, perMinute: 30 },
  conversationsPerVisitor: { burst: 10, perMinute: 1 },
  messagesPerVisitor: { burst: 100, perMinute: 120 },
  typingPerVisitor: { burst: 30, perMinute: 120 },
  /** Polls at every 3 seconds in thirty tabs, and pages turned meanwhile. */
  readsPerVisitor: { burst: 600, perMinute: 900 },
  /** The same of some hundreds of people behind one address; also of those whom nobody knows. */
  readsPerAddress: { burst: 6000, perMinute: 12_000 },
  /** In characters; a conversation is no place for books. */
  textPerVisitor: { burst: 1_000_000, perMinute: 200_000 },
  /** Many visitors may share an address: an office, a school, a proxy that nobody told us of. */
  conversationsPerAddress: { burst: 100, perMinute: 30 },
  messagesPerAddress: { burst: 1000, perMinute: 1000 },
  /** Each is a record of the log for good: as many as somebody turns pages. */
  profilesPerVisitor: { burst: 20, perMinute: 6 },
  /** In bytes. */
  uploadsPerVisitor: { burst: 60_000_000, perMinute: 12_000_000 },
  uploadsPerAddress: { burst: 240_000_000, perMinute: 48_000_000 },
  signInsPerAddress: { burst: 20, perMinute: 20 },
  /** Wrong passwords; past it every further try waits, the right one as well: nobody is locked out, guessing is slow. */
  wrongPasswordsPerAgent: { burst: 10, perMinute: 10 },
  /** Codes behind a right password: whoever gets this far knows it, and six digits are few. */
  codesPerAgent: { burst: 5, perMinute: 2 },
} as const satisfies Record<string, Rate>;

type BudgetName = keyof typeof BUDGETS;

/** The budgets of everybody; shared by HTTP and sockets, so that taking another road gives nobody more. */
export class Budgets {
  readonly #buckets: Record<BudgetName, TokenBuckets>;
  readonly #refused = new Map<string, number>(Object.keys(BUDGETS).map((name) => [name, 0]));

  /** @param now epoch ms */
  constructor(now: () => number = Date.now) {
    const entries = Object.entries(BUDGETS).map(([name, rate]) => [name, new TokenBuckets(rate, now)]);
    this.#buckets = Object.fromEntries(entries) as Record<BudgetName, TokenBuckets>;
  }

  /** Throws `too_many_requests`, with the seconds to wait, when the key has nothing left. */
  spend(name: BudgetName, key: string, amount = 1): void {
    const retryAfter = this.#buckets[name].spend(key, amount);
    if (retryAfter === 0) return;
    this.refuse(name);
    throw new GuichetError('too_many_requests', undefined, { retryAfter });
  }

  /** Counts a refusal, for the figures. */
  refuse(name: string): void {
    this.#refused.set(name, (this.#refused.get(name) ?? 0) + 1);
  }

  /** Refusals since the start, by budget. */
  get refused(): ReadonlyMap<string, number> {
    return this.#refused;
  }

  /** The same for what a caller does in a conversation. */
  spendAs(
    actor: Actor,
    on: 'post' | 'typing' | 'conversation' | 'profile',
    { bytes = 0, address }: { readonly bytes?: number; readonly address?: string } = {},
  ): void {
    if (actor.type !== 'visitor') return;
    const names = {
      post: 'messagesPerVisitor',
      typing: 'typingPerVisitor',
      conversation: 'conversationsPerVisitor',
      profile: 'profilesPerVisitor',
    } as const;
    this.spend(names[on], actor.id);
    if (bytes > 0) this.spend('textPerVisitor', actor.id, bytes);
    if (address === undefined) return;
    if (on === 'post') this.spend('messagesPerAddress', address);
    if (on === 'conversation') this.spend('conversationsPerAddress', address);
  }

  /** The same for a call that reads; agents and automation pay nothing. @param actor nobody, where nobody is asked for */
  spendRead(actor: Actor | undefined, address: string): void {
    if (actor !== undefined && actor.type !== 'visitor') return;
    if (actor !== undefined) this.spend('readsPerVisitor', actor.id);
    this.spend('readsPerAddress', address);
  }

  /** The same for the bytes of a file. */
  spendUpload(actor: Actor, address: string, bytes: number): void {
    if (actor.type !== 'visitor') return;
    this.spend('uploadsPerVisitor', actor.id, bytes);
    this.spend('uploadsPerAddress', address, bytes);
  }

  /** Seconds until the key has something left; takes nothing. */
  wait(name: BudgetName, key: string): number {
    return this.#buckets[name].wait(key);
  }
}

/**
 * What stands for one person behind an address: an IPv6 subscriber has a whole /64.
 * @param address as Node gives it; `::ffff:192.0.2.1` is an IPv4 address
 */
export const addressKey = (address: string): string => {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1];
  if (mapped !== undefined) return mapped;
  if (!address.includes(':')) return address;
  const [front = '', back] = address.split('%', 1)[0]!.split('::');
  const groups = front === '' ? [] : front.split(':');
  if (back !== undefined) {
    const behind = back === '' ? [] : back.split(':');
    while (groups.length + behind.length < 8) groups.push('0');
    groups.push(...behind);
  }
  return groups
    .slice(0, 4)
    .map((group) => Number.parseInt(group, 16).toString(16))
    .join(':');
};
