import { check } from './check.js';
import { ensureInstalled } from './setup/install.js';
import { run, runtime, tool } from './setup/runtime.js';
import { ensureWebBuilt } from './setup/web-build.js';

const ALL = ['src/**/*.test.ts', 'web/**/*.test.ts', 'test/**/*.test.ts'];
const RUNNER = [
  '--test',
  '--test-reporter=spec',
  // Crash and browser tests start programs of their own; more files at once would only wait for each other.
  '--test-concurrency=2',
  '--test-timeout=300000',
  '--import=./test/support/file-guard.ts',
];

// npm test             checks, builds, runs everything
// npm test -- FILE...  runs these files (or globs) only, at once; flags of `node --test` pass through
await tool(async () => {
  const args = process.argv.slice(2);
  const files = args.filter((arg) => !arg.startsWith('-'));
  await ensureInstalled();
  if (args.length === 0) await check();
  await ensureWebBuilt();
  console.log('\n== Tests');
  const flags = args.filter((arg) => arg.startsWith('-'));
  process.exitCode = await run(runtime(), [...RUNNER, ...flags, ...(files.length > 0 ? files : ALL)]);
});
