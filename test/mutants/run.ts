import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { root } from '../support/server.ts';
import { ACCESS_MUTANTS } from './access-mutants.ts';
import { CLIENT_MUTANTS } from './client-mutants.ts';
import { MUTANTS, type Mutant } from './mutants.ts';
import { PRIVACY_MUTANTS } from './privacy-mutants.ts';
import { REPAIR_MUTANTS } from './repair-mutants.ts';

/** Folders and files the tests need; packages are reached through a link. */
const COPIED = ['src', 'test', 'web', 'bench', 'tools', 'docs', 'package.json', 'tsconfig.json'];
/** A mutant may wait or loop for ever; tests that take ten times as long as without it are red. */
const PATIENCE = 10;
const PATIENCE_MIN_MS = 30_000;
const LIMIT_MS = 300_000;

interface Ran {
  readonly green: boolean;
  readonly output: string;
  readonly milliseconds: number;
}

const runTests = async (tree: string, { tests, only }: Mutant, limit = LIMIT_MS): Promise<Ran> => {
  const began = performance.now();
  const { NODE_TEST_CONTEXT: _, ...env } = process.env;
  const pattern = only === undefined ? [] : [`--test-name-pattern=${only}`];
  const args = ['--test', '--test-reporter=spec', `--test-timeout=${limit}`, ...pattern, ...tests];
  // The same walks each time: a mutant that one run finds, every run finds.
  const child = spawn(process.execPath, args, { cwd: tree, env: { GUICHET_SEED: '1', ...env }, detached: true });
  // The group: the tests are processes of their own, and so is what they start.
  const overdue = setTimeout(() => process.kill(-child.pid!, 'SIGKILL'), limit + 5000);
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text;
    });
  }
  const [code] = (await once(child, 'close')) as [number | null];
  clearTimeout(overdue);
  return { green: code === 0, output, milliseconds: performance.now() - began };
};

/** The source with the safeguard taken away. */
const mutate = (source: string, { name, file, from, to }: Mutant): string => {
  const [before, after, ...more] = source.split(from);
  if (before === undefined || after === undefined || more.length > 0) {
    throw new Error(
      `${file} does not hold the text of "${name}" exactly once: bring test/mutants/mutants.ts up to it.`,
    );
  }
  return before + to + after;
};

/** A mutant that cannot even be loaded proves nothing. */
const isBroken = ({ output }: Ran): boolean => /SyntaxError|ERR_INVALID_TYPESCRIPT_SYNTAX|ReferenceError/.test(output);

const main = async (): Promise<number> => {
  const { values } = parseArgs({ options: { only: { type: 'string' }, list: { type: 'boolean' } } });
  const chosen = [...MUTANTS, ...ACCESS_MUTANTS, ...PRIVACY_MUTANTS, ...CLIENT_MUTANTS, ...REPAIR_MUTANTS].filter(
    ({ name }) => name.includes(values.only ?? ''),
  );
  if (chosen.length === 0) throw new Error(`No safeguard has "${values.only}" in its name: --list shows them.`);
  if (values.list) {
    for (const { name, file } of chosen) console.log(`${name}  (${file})`);
    return 0;
  }
  const tree = mkdtempSync(join(tmpdir(), 'guichet-mutants-'));
  try {
    for (const name of COPIED) cpSync(join(root, name), join(tree, name), { recursive: true });
    symlinkSync(join(root, 'node_modules'), join(tree, 'node_modules'));
    const sources = chosen.map((mutant) => mutate(readFileSync(join(root, mutant.file), 'utf8'), mutant));
    /** How many milliseconds tests take that were green without any mutant. */
    const sound = new Map<string, number>();
    const survivors: string[] = [];
    for (const [i, mutant] of chosen.entries()) {
      const { tests, only } = mutant;
      const which = [only, ...tests].join(' ');
      let usual = sound.get(which);
      if (usual === undefined) {
        const without = await runTests(tree, mutant);
        if (!without.green) throw new Error(`${without.output}\n${which}: red without any mutant.`);
        usual = without.milliseconds;
        sound.set(which, usual);
      }
      const path = join(tree, mutant.file);
      const original = readFileSync(path);
      writeFileSync(path, sources[i]!);
      const ran = await runTests(tree, mutant, Math.max(PATIENCE_MIN_MS, PATIENCE * usual));
      writeFileSync(path, original);
      const red = !ran.green && !isBroken(ran);
      if (!red) survivors.push(mutant.name);
      const seconds = (ran.milliseconds / 1000).toFixed(1);
      console.log(`${red ? 'red   ' : ran.green ? 'ALIVE ' : 'BROKEN'} ${mutant.name} (${seconds} s)`);
    }
    console.log(
      `\n${chosen.length - survivors.length} of ${chosen.length} safeguards are missed by a test when they are gone.`,
    );
    return survivors.length === 0 ? 0 : 1;
  } finally {
    rmSync(tree, { recursive: true, force: true });
  }
};

process.exitCode = await main();
