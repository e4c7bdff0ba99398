/** A source of numbers in [0, 1) that is the same for the same seed (mulberry32, public domain, T. Ettinger). */
export const seededRandom = (seed: number): (() => number) => {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t = (t + Math.imul(t ^ (t >>> 7), t | 61)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
};

/** The seed of this run: `GUICHET_SEED` to have a failed one again, else another one each time. */
export const seedOfRun = (): number => Number(process.env.GUICHET_SEED ?? Date.now() % 1_000_000);

/** Answers with a whole number below `options`, which is at least 1. */
export type Choose = (options: number) => number;

export const randomChoice =
  (random: () => number): Choose =>
  (options) =>
    Math.floor(random() * options);

/** Every sequence of answers there is, one after the other; who asks must ask the same when answered the same. */
export function* everyChoice(): Generator<Choose> {
  const path: { taken: number; readonly of: number }[] = [];
  do {
    let at = 0;
    yield (options) => {
      if (at === path.length) path.push({ taken: 0, of: options });
      at += 1;
      return path[at - 1]!.taken;
    };
    while (path.length > 0 && path.at(-1)!.taken === path.at(-1)!.of - 1) path.pop();
    if (path.length > 0) path.at(-1)!.taken += 1;
  } while (path.length > 0);
}
