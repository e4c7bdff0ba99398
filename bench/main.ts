import { parseArgs } from 'node:util';
import { benchChain } from './chain-bench.ts';
import { benchGroupCommit } from './group-commit-bench.ts';
import { benchHostile } from './hostile-bench.ts';
import { benchReads } from './reads-bench.ts';
import { benchRelay } from './relay-bench.ts';
import { benchSearch } from './search-bench.ts';
import { benchStore } from './store-bench.ts';
import { benchWidget } from './widget-bench.ts';

/**
 * `npm run bench [-- store] [-- relay] [-- widget] [-- hostile] [-- group-commit] [-- reads] [-- chain]
 * [-- search --messages=1000,100000]`:
 * ratios against a reference measured in the same run, never bare figures.
 */
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    seconds: { type: 'string', default: '3' },
    rounds: { type: 'string', default: '3' },
    messages: { type: 'string', default: '1000,20000' },
    /** Of group-commit and reads: one database, such as sqlite. */
    on: { type: 'string' },
    /** Of reads: a million messages too, which takes a while to fill in. */
    large: { type: 'boolean', default: false },
  },
});
const options = {
  seconds: Number(values.seconds),
  rounds: Number(values.rounds),
  messages: values.messages.split(',').map(Number),
  large: values.large,
  on: values.on,
};
const benches: Record<string, (given: typeof options) => Promise<void>> = {
  store: benchStore,
  relay: benchRelay,
  search: benchSearch,
  widget: benchWidget,
  'group-commit': benchGroupCommit,
  reads: benchReads,
  chain: benchChain,
  hostile: benchHostile,
};
const chosen = positionals.length === 0 ? Object.keys(benches) : positionals;
for (const name of chosen) {
  const bench = benches[name];
  if (bench === undefined) {
    console.error(`There is no bench "${name}": choose from ${Object.keys(benches).join(', ')}.`);
    process.exit(2);
  }
  await bench(options);
}
