import type { Output } from './command.ts';

const WIDTH = 30;
/** A bar that moves faster than this only costs time. */
const EVERY_MS = 100;

/** A bar on a terminal, nothing elsewhere: logs and pipes get the summary only. */
export class Progress {
  readonly #output: Output;
  readonly #label: string;
  #shownAt = 0;

  constructor(output: Output, label: string) {
    this.#output = output;
    this.#label = label;
  }

  /** @param share from 0 to 1 */
  show(share: number, detail: string): void {
    const now = performance.now();
    if (!this.#output.isTTY || now - this.#shownAt < EVERY_MS) return;
    this.#shownAt = now;
    const filled = Math.round(Math.min(1, Math.max(0, share)) * WIDTH);
    const bar = `${'█'.repeat(filled)}${'░'.repeat(WIDTH - filled)}`;
    this.#output.write(`\r\u001b[K${this.#label} ${bar} ${Math.floor(share * 100)} % ${detail}`);
  }

  /** Takes the bar away. */
  end(): void {
    if (this.#output.isTTY && this.#shownAt > 0) this.#output.write('\r\u001b[K');
  }
}
