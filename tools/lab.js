import { parseArgs } from 'node:util';
import { ensureInstalled } from './setup/install.js';
import { run, runtime, Stop, tool } from './setup/runtime.js';

/** Tests of the suite that can be had at length: which files, and what says how much of it. */
const EXPERIMENTS = {
  'power-cut': {
    does: 'cuts the power at every call of the file store, also while it recovers',
    files: ['src/stores/file/power-cut.test.ts'],
    amount: { flag: 'points', variable: 'GUICHET_POINTS', usual: '100000' },
  },
  faults: {
    does: 'fails every call of the file store in turn, with every error, once and for good, and cuts the power afterwards',
    files: ['src/stores/file/disk-faults.test.ts'],
    amount: { flag: 'cuts', variable: 'GUICHET_FAULT_CUTS', usual: '4' },
  },
  damage: {
    does: 'flips bits of a file store at this many places of each file (0: in every byte), cuts and swaps its segments',
    files: ['src/stores/file/corruption.test.ts'],
    amount: { flag: 'places', variable: 'GUICHET_DAMAGES', usual: '0' },
  },
  kill: {
    does: 'ends a server with kill -9 while 64 writers post',
    files: ['test/crash/kill-nine.test.ts'],
    amount: { flag: 'rounds', variable: 'GUICHET_KILL_ROUNDS', usual: '1000' },
  },
  chain: {
    does: 'strikes the database of a chain under load in every way, kills the server while it is away',
    files: ['test/fault/chain-on-postgres.test.ts', 'test/fault/chain-on-mariadb.test.ts'],
    amount: { flag: 'blows', variable: 'GUICHET_BLOWS', usual: '200' },
  },
  fuzz: {
    does: 'sends calls and frames made of their own schemas, and worse, as every kind of caller',
    files: ['test/fuzz/routes.test.ts', 'test/fuzz/frames.test.ts'],
    amount: { flag: 'cases', variable: 'GUICHET_CASES', usual: '50000' },
  },
  walks: {
    does: 'searches the model of the chain, and walks model and store side by side',
    files: ['src/stores/tiered/model/search.test.ts', 'src/stores/tiered/model/walk.test.ts'],
    amount: { flag: 'walks', variable: 'GUICHET_WALKS', usual: '5000' },
    /** Real stores in place of the fake ones of the model's own tests. */
    chains: {
      'postgres,file,memory': 'test/databases/walks-on-postgres.test.ts',
      'mysql,sqlite,memory': 'test/databases/walks-on-mariadb.test.ts',
    },
  },
  fleet: {
    does: 'drives clients on bad networks through crashes and restores, and compares what they show with the store',
    files: ['test/live/fleet.test.ts'],
    amount: { flag: 'walks', variable: 'GUICHET_FLEET_WALKS', usual: '100' },
  },
};

const usage = () =>
  [
    'npm run lab -- EXPERIMENT [--seed N]   has a test of the suite at length; --seed has one again that failed',
    ...Object.entries(EXPERIMENTS).map(
      ([name, { does, amount }]) => `  ${`${name} [--${amount.flag} ${amount.usual}]`.padEnd(28)} ${does}`,
    ),
    `walks --chain CHAIN walks on real stores: ${Object.keys(EXPERIMENTS.walks.chains).join(' or ')}`,
  ].join('\n');

const read = () => {
  const options = { seed: { type: 'string' }, chain: { type: 'string' } };
  for (const { amount } of Object.values(EXPERIMENTS)) options[amount.flag] = { type: 'string' };
  try {
    return parseArgs({ options, allowPositionals: true });
  } catch (error) {
    throw new Stop(`${error.message}\n${usage()}`);
  }
};

await tool(async () => {
  const { values, positionals } = read();
  const [name = ''] = positionals;
  const experiment = Object.hasOwn(EXPERIMENTS, name) ? EXPERIMENTS[name] : undefined;
  if (!experiment) throw new Stop(usage());
  const { amount, chains = {} } = experiment;
  if (values.chain !== undefined && !Object.hasOwn(chains, values.chain)) throw new Stop(usage());
  const files = values.chain === undefined ? experiment.files : [chains[values.chain]];
  await ensureInstalled();
  const env = { ...process.env, [amount.variable]: values[amount.flag] ?? amount.usual };
  if (values.seed !== undefined) env.GUICHET_SEED = values.seed;
  const args = ['--test', '--test-reporter=spec', '--test-timeout=86400000', ...files];
  process.exitCode = await run(runtime(), args, { env });
});
