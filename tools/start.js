import { join } from 'node:path';
import { ensureCompiled } from './setup/compile-cache.js';
import { ensureInstalled } from './setup/install.js';
import { become, root, tool } from './setup/runtime.js';
import { ensureWebBuilt, hasWebBuild } from './setup/web-build.js';

// npm start -- [flags of serve], or npm start -- COMMAND [flags]
await tool(async () => {
  // An installation for production that was built elsewhere starts as it is.
  await ensureInstalled({ development: !hasWebBuild() });
  await ensureWebBuilt();
  await ensureCompiled();
  const given = process.argv.slice(2);
  const isCommand = given[0] !== undefined && !given[0].startsWith('-');
  await become([join(root, 'src/main.ts'), ...(isCommand ? given : ['serve', ...given])]);
});
