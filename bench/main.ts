import { parseArgs } from 'node:util';
import { benchChain } from './chain-bench.ts';
import { DATABASE_NAMES } from './databases.ts';
import { benchGroupCommit } from './group-commit-bench.ts';
import { benchHostile } from './hostile-bench.ts';
import { benchReads } from './reads-bench.ts';
import { benchRelay } from './relay-bench.ts';
import { benchSearch } from './search-bench.ts';
import { benchStore } from './store-bench.ts';
import { benchWidget } from './widget-bench.ts';

interface Options {
  readonly seconds: number;
  readonly rounds: number;
  readonly messages: readonly number[];
  readonly large: boolean;
  readonly on: string | undefined;
}

const benches: Readonly<Record<string, (options: Options) => Promise<void>>> = {
  store: benchStore,
  relay: benchRelay,
  search: benchSearch,
  widget: benchWidget,
  'group-commit': benchGroupCommit,
  reads: benchReads,
  chain: benchChain,
  hostile: benchHostile,
};

const usage = `npm run bench -- [NAME ...]   ratios against a reference measured in the same run, never bare figures
  NAME                  ${Object.keys(benches).join(', ')}; without one, all of them
  --seconds 3           of one measurement
  --rounds 3            of which the middle one counts
  --messages 1000,20000 of search
  --on NAME             group-commit and reads on one database: ${DATABASE_NAMES.join(', ')}
  --large               reads with a million messages too, which takes a while to fill in`;

const read = (): { chosen: readonly string[]; options: Options } => {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      seconds: { type: 'string', default: '3' },
      rounds: { type: 'string', default: '3' },
      messages: { type: 'string', default: '1000,20000' },
      on: { type: 'string' },
      large: { type: 'boolean', default: false },
    },
  });
  const amount = (text: string): number => {
    if (!(Number(text) > 0)) throw new Error(`"${text}" is not a number above 0.`);
    return Number(text);
  };
  const chosen = positionals.length === 0 ? Object.keys(benches) : positionals;
  for (const name of chosen) if (!Object.hasOwn(benches, name)) throw new Error(`There is no bench "${name}".`);
  const { large, on } = values;
  if (on !== undefined && !DATABASE_NAMES.includes(on)) throw new Error(`There is no database "${on}" to measure on.`);
  const [seconds, rounds] = [amount(values.seconds), amount(values.rounds)];
  return { chosen, options: { seconds, rounds, messages: values.messages.split(',').map(amount), large, on } };
};

let asked: ReturnType<typeof read>;
try {
  asked = read();
} catch (error) {
  console.error(`${(error as Error).message}\n${usage}`);
  process.exit(2);
}
for (const name of asked.chosen) await benches[name]!(asked.options);
