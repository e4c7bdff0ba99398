import { test } from 'node:test';
import { seededRandom } from '../../../../test/support/random.ts';
import { FakeDisk } from '../testing/fake-disk.ts';
import { firstSeeds, walkAlong, walkSeeds } from '../testing/walk-along.ts';

test('[FB-17] random walks: the store does what the model does, and neither loses or doubles anything', async () => {
  for (const seed of walkSeeds(firstSeeds(120))) {
    const random = seededRandom(seed);
    const disks = Array.from({ length: 1 + Math.floor(random() * 3) }, (_, tier) => new FakeDisk(`fake:${tier}`));
    const rules = { volatile: random() < 0.6, tailBound: 3 + Math.floor(random() * 6), page: 1000 };
    await walkAlong({ seed, random, disks, rules, steps: 80, messages: 60 });
  }
});
