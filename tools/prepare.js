import { compile } from './setup/compile-cache.js';
import { tool } from './setup/runtime.js';
import { buildWeb } from './setup/web-build.js';

// Part of npm ci: leaves everything built.
await tool(async () => {
  await buildWeb();
  await compile();
});
