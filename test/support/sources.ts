import { globSync, readFileSync } from 'node:fs';
import { join, posix, sep } from 'node:path';
import { root } from './server.ts';

/** The project's own source files and what they import, read as text: no compiler interface is needed for that. */

export interface Import {
  /** As written: `./x.ts`, `node:fs`, `fastify`. */
  readonly specifier: string;
  /** False for `import type` and `export type`, which leave nothing behind when types are removed. */
  readonly atRunTime: boolean;
  /** Path of the imported file from the project's folder; undefined for packages. */
  readonly file: string | undefined;
}

export interface Source {
  /** From the project's folder, with slashes. */
  readonly path: string;
  readonly isTest: boolean;
  readonly text: string;
  readonly imports: readonly Import[];
}

const STATIC = /^(?:import|export)\s+(type\s)?(?:[^'"`;]*?\sfrom\s+)?['"]([^'"]+)['"]/gm;
const DYNAMIC = /\bimport\(\s*['"]([^'"]+)['"]\s*\)/g;

const importsOf = (path: string, text: string): Import[] => {
  const fileOf = (specifier: string) =>
    specifier.startsWith('.') ? posix.normalize(posix.join(posix.dirname(path), specifier)) : undefined;
  const found = [
    ...[...text.matchAll(STATIC)].map(([, type, specifier = '']) => ({ specifier, atRunTime: type === undefined })),
    ...[...text.matchAll(DYNAMIC)].map(([, specifier = '']) => ({ specifier, atRunTime: true })),
  ];
  return found.map((entry) => ({ ...entry, file: fileOf(entry.specifier) }));
};

/** Every TypeScript file under these folders. */
export const readSources = (...folders: readonly string[]): Source[] =>
  folders
    .flatMap((folder) =>
      globSync(`${folder}/**/*.{ts,tsx}`, { cwd: root, exclude: ['**/node_modules/**', 'web/dist/**'] }),
    )
    .map((found) => {
      const path = found.split(sep).join('/');
      const text = readFileSync(join(root, path), 'utf8');
      const isTest = /\.test\.tsx?$/.test(path) || /\/(?:testing|contract)\//.test(path);
      return { path, isTest, text, imports: importsOf(path, text) };
    });

/** Text of a file of the project. */
export const readText = (path: string): string => readFileSync(join(root, path), 'utf8');

/** Markdown files of a folder, by path from the project's folder. */
export const markdownIn = (folder: string): string[] =>
  globSync(`${folder}/*.md`, { cwd: root }).map((path) => path.split(sep).join('/'));

/** The package a specifier names: `@scope/name/deep` -> `@scope/name`. */
export const packageOf = (specifier: string): string =>
  specifier.split('/', specifier.startsWith('@') ? 2 : 1).join('/');
