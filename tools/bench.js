import { join } from 'node:path';
import { ensureInstalled } from './setup/install.js';
import { become, root, tool } from './setup/runtime.js';

// npm run bench -- [arguments]
await tool(async () => {
  await ensureInstalled();
  await become([join(root, 'bench/main.ts'), ...process.argv.slice(2)]);
});
