#!/usr/bin/env node
import { join } from 'node:path';
import { become, root, tool } from './setup/runtime.js';

// The `guichet` command: the same program under the Node it is written for.
await tool(() => become([join(root, 'src/main.ts'), ...process.argv.slice(2)]));
