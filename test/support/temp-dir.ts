import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { type Scope, undoAfter } from './undo-after.ts';

export type { Scope } from './undo-after.ts';

/** A new folder, in the system's place for such or in `parent`, that is removed when the test is over. */
export const tempDir = (scope: Scope, parent = tmpdir()): string => {
  const dir = mkdtempSync(join(parent, 'guichet-test-'));
  undoAfter(scope, () => rmSync(dir, { recursive: true, force: true, maxRetries: 5 }));
  return dir;
};
