import { CLOSE } from '../../../src/protocol/limits.ts';

/** The hops between an agent's screen and the disk, in the order in which they are tried. */
export const HOPS = ['browser', 'server', 'socket', 'frames', 'held', 'store', 'back'] as const;
export type Hop = (typeof HOPS)[number];

/** What was found at a hop. `skipped`: something before it is broken, so that it says nothing. */
export interface Finding {
  readonly state: 'waiting' | 'running' | 'well' | 'broken' | 'skipped';
  /** How long it took, in milliseconds. */
  readonly took?: number;
  /** What the other end said, where it said something. */
  readonly detail?: string;
}

export type Findings = Readonly<Record<Hop, Finding>>;

export interface Patient {
  /** Where the API is, without a slash at the end. */
  readonly url: string;
  /** Writes something that nobody sees, under this mark, and resolves when it is stored. */
  readonly write: (mark: string) => Promise<{ durable: boolean; detail?: string }>;
  /** Waits for that long, and answers the cursor it was given at once if nothing happens. */
  readonly hold: (seconds: number) => Promise<void>;
}

const ANSWER_WITHIN_MS = 8_000;
/** Longer than the limits that proxies cut short requests at when they were set up for pages only. */
const HOLD_SECONDS = 6;

const NOTHING: Finding = { state: 'waiting' };
export const untouched: Findings = Object.fromEntries(HOPS.map((hop) => [hop, NOTHING])) as Record<Hop, Finding>;

/** Tries every hop and tells after each what is known; the first that is broken is the one to mend. */
export const examine = async (patient: Patient, tell: (findings: Findings) => void): Promise<Findings> => {
  let findings = untouched;
  const set = (hop: Hop, finding: Finding): void => {
    findings = { ...findings, [hop]: finding };
    tell(findings);
  };
  const attempt = async (hop: Hop, what: () => Promise<string | undefined>): Promise<boolean> => {
    set(hop, { state: 'running' });
    const began = performance.now();
    try {
      const detail = await what();
      set(hop, { state: 'well', took: performance.now() - began, ...(detail !== undefined && { detail }) });
      return true;
    } catch (error) {
      set(hop, { state: 'broken', took: performance.now() - began, detail: (error as Error).message });
      return false;
    }
  };
  const skip = (...hops: Hop[]): void => {
    for (const hop of hops) set(hop, { state: 'skipped' });
  };

  await attempt('browser', async () => {
    if (globalThis.WebSocket === undefined) throw new Error('WebSocket');
    localStorage.setItem('guichet doctor', '1');
    localStorage.removeItem('guichet doctor');
    await new Promise<void>((resolve, reject) => {
      const asked = indexedDB.open('guichet doctor');
      asked.onsuccess = () => {
        asked.result.close();
        indexedDB.deleteDatabase('guichet doctor');
        resolve();
      };
      asked.onerror = () => reject(new Error('IndexedDB'));
    });
    return undefined;
  });

  if (!(await attempt('server', () => lookAtServer(patient)))) {
    skip('socket', 'frames', 'held', 'store', 'back');
    return findings;
  }
  const socket = new Ear(`${patient.url.replace(/^http/, 'ws')}/socket`);
  try {
    const opened = await attempt('socket', () => within(socket.opened, 'open'));
    const heard = opened && (await attempt('frames', () => socket.greet()));
    if (!opened) skip('frames');
    await attempt('held', async () => {
      await patient.hold(HOLD_SECONDS);
      return undefined;
    });
    const mark = `doctor-${Math.random().toString(36).slice(2, 10)}`;
    const told = heard ? socket.next((frame) => JSON.stringify(frame).includes(mark)) : undefined;
    const stored = await attempt('store', async () => {
      const { durable, detail } = await patient.write(mark);
      if (!durable) throw new Error(detail ?? 'not durable');
      return detail;
    });
    if (told === undefined || !stored) skip('back');
    else
      await attempt('back', () =>
        within(
          told.then(() => undefined),
          'change',
        ),
      );
  } finally {
    socket.close();
  }
  return findings;
};

const within = async <T>(what: Promise<T>, name: string): Promise<T> => {
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(() => late.reject(new Error(`${name}: ${ANSWER_WITHIN_MS / 1000} s`)), ANSWER_WITHIN_MS);
  try {
    return await Promise.race([what, late.promise]);
  } finally {
    clearTimeout(timer);
  }
};

/** Whether what answers is this server, and not a page of something in between. */
const lookAtServer = async ({ url }: Patient): Promise<string | undefined> => {
  const signal = AbortSignal.timeout(ANSWER_WITHIN_MS);
  const response = await fetch(`${url}/me`, { cache: 'no-store', credentials: 'same-origin', signal });
  const text = await response.text();
  if (!/json/.test(response.headers.get('content-type') ?? '')) {
    throw new Error(`${response.status} ${text.slice(0, 120)}`);
  }
  if (!response.ok) throw new Error(`${response.status}`);
  return undefined;
};

type Frame = { readonly type?: string };

/** A socket of its own, apart from the one that the console works with. */
class Ear {
  readonly #socket: WebSocket;
  readonly opened: Promise<undefined>;
  readonly #waiting = new Set<{
    matches: (frame: Frame) => boolean;
    resolve: () => void;
    reject: (e: Error) => void;
  }>();

  constructor(url: string) {
    this.#socket = new WebSocket(url);
    this.opened = new Promise((resolve, reject) => {
      this.#socket.onopen = () => resolve(undefined);
      this.#socket.onerror = () => reject(new Error('WebSocket'));
    });
    this.opened.catch(() => {});
    this.#socket.onmessage = ({ data }) => {
      const frame = JSON.parse(String(data)) as Frame;
      for (const each of this.#waiting) if (each.matches(frame)) each.resolve();
    };
    this.#socket.onclose = ({ code }) => {
      const known = Object.values(CLOSE).includes(code as never);
      for (const each of this.#waiting) each.reject(new Error(`${known ? 'server' : 'proxy'}: ${code}`));
    };
  }

  next(matches: (frame: Frame) => boolean): Promise<void> {
    const told = new Promise<void>((resolve, reject) => this.#waiting.add({ matches, resolve, reject }));
    told.catch(() => {});
    return told;
  }

  /** Says hello, follows the inbox, and wants both answered. */
  async greet(): Promise<undefined> {
    const caughtUp = this.next(({ type }) => type === 'caughtUp');
    this.#socket.send(JSON.stringify({ type: 'hello' }));
    this.#socket.send(JSON.stringify({ type: 'followInbox' }));
    await within(caughtUp, 'welcome');
    return undefined;
  }

  close(): void {
    this.#socket.onclose = null;
    this.#socket.close();
  }
}
