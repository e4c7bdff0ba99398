import { join } from 'node:path';
import { ensureInstalled } from './setup/install.js';
import { become, root, tool } from './setup/runtime.js';

// npm run mutants [-- --only TEXT] [-- --list]: takes each safeguard away in a copy of the tree; its tests must go red.
await tool(async () => {
  await ensureInstalled();
  await become([join(root, 'test/mutants/run.ts'), ...process.argv.slice(2)]);
});
