import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { visitor } from '../domain/testing/changes.ts';
import type { Feed } from './feed.ts';
import { Follow } from './follow.ts';
import { Hub } from './hub.ts';
import type { Outlet } from './outlet.ts';

const outlet: Outlet = { closed: false, congested: false, send: () => {}, drained: async () => {} };

/** Has to read again as soon as it is live, so often. */
class Hurried extends Follow {
  reads = 0;
  atOnce = 0;
  mostAtOnce = 0;
  again = 3;

  constructor() {
    const [sent, failed] = [() => {}, () => {}];
    super({ actor: visitor('anna'), feed: {} as Feed, hub: new Hub(0), outlet, sent, failed });
  }

  protected async readPage(): Promise<() => boolean> {
    this.reads += 1;
    this.atOnce += 1;
    this.mostAtOnce = Math.max(this.mostAtOnce, this.atOnce);
    await turn();
    this.atOnce -= 1;
    return () => true;
  }

  protected caughtUp(): void {
    if (this.again-- > 0) this.readAgain();
  }
}

test('[LV-1] a follow that is sent back to the store reads one page at a time', async () => {
  const follow = new Hurried();
  await follow.start();
  assert.deepEqual([follow.reads, follow.mostAtOnce], [4, 1]);
  follow.readAgain();
  await turn();
  await turn();
  assert.deepEqual([follow.reads, follow.mostAtOnce], [5, 1]);
});
