import { pathToFileURL } from 'node:url';
import { ensureInstalled } from './setup/install.js';
import { run, runtime, Stop, tool } from './setup/runtime.js';

const STEPS = [
  { title: 'Types', script: 'node_modules/typescript/bin/tsc', args: ['-p', '.'] },
  { title: 'Format and lint', script: 'node_modules/@biomejs/biome/bin/biome', args: ['check', '--error-on-warnings'] },
  { title: 'Lint with types', script: 'node_modules/oxlint/bin/oxlint', args: ['--type-aware', '--deny-warnings'] },
];

/** Types, format and lint, in this order; stops at the first that is red. */
export const check = async () => {
  for (const { title, script, args } of STEPS) {
    console.log(`\n== ${title}`);
    if ((await run(runtime(), [script, ...args])) !== 0) throw new Stop(`${title}: red. See above.`);
  }
};

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  await tool(async () => {
    await ensureInstalled();
    await check();
  });
}
