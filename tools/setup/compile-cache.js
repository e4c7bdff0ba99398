import { existsSync } from 'node:fs';
import { compiled, findRuntime, root, run } from './runtime.js';

const PROGRAM = ['src/cli/main.ts', 'src/cli/serve.ts'];

/**
 * Loads the server once so that Node keeps what it makes of the sources. Without it the first start loads the part of
 * Node that strips types, and that one start takes 20 MB more for as long as it runs. A failure costs nothing else.
 */
export const compile = async () => {
  const file = findRuntime();
  if (!file || !existsSync(new URL('../../node_modules/fastify', import.meta.url))) return;
  const load = PROGRAM.map((path) => `await import('./${path}');`).join(' ');
  // The process ends itself: a module that keeps a handle open must not hold up an install.
  const args = ['--input-type=module', '-e', `${load} process.exit()`];
  await run(file, args, { cwd: root, stdio: 'ignore', env: { ...process.env, NODE_COMPILE_CACHE: compiled } });
};

/** The same, where nothing was kept yet. */
export const ensureCompiled = async () => {
  if (!existsSync(compiled)) await compile();
};
