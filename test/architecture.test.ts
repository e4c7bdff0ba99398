import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { ERRORS } from '../src/domain/errors.ts';
import { markdownIn, packageOf, readSources, readText, type Source } from './support/sources.ts';

/**
 * Who may import whom: a file belongs to the longest key that its path starts with, and sees its own key and those
 * listed. Tests, and the `testing` and `contract` folders that only tests use, see everything.
 */
const LAYERS: Readonly<Record<string, readonly string[]>> = {
  'src/lib/': [],
  'src/protocol/': [],
  'src/domain/': ['src/lib/', 'src/protocol/'],
  'src/config/': ['src/lib/', 'src/protocol/'],
  'src/stores/memory/': ['src/lib/', 'src/protocol/', 'src/domain/'],
  'src/stores/file/': ['src/lib/', 'src/protocol/', 'src/domain/'],
  'src/stores/sql/': ['src/lib/', 'src/protocol/', 'src/domain/'],
  'src/stores/sqlite/': ['src/lib/', 'src/protocol/', 'src/domain/', 'src/stores/sql/'],
  'src/stores/postgres/': ['src/lib/', 'src/protocol/', 'src/domain/', 'src/stores/sql/'],
  'src/stores/mysql/': ['src/lib/', 'src/protocol/', 'src/domain/', 'src/stores/sql/'],
  // The disk port with its discipline; contents of files are written by the same rules as the log.
  'src/blobs/': ['src/lib/', 'src/protocol/', 'src/domain/', 'src/stores/file/disk'],
  'src/stores/tiered/': ['src/lib/', 'src/protocol/', 'src/domain/'],
  'src/stores/back-up.ts': ['src/domain/', 'src/blobs/', 'src/stores/file/'],
  'src/stores/purge-backup.ts': ['src/domain/', 'src/stores/back-up.ts', 'src/stores/file/'],
  'src/stores/open-store.ts': ['src/lib/', 'src/protocol/', 'src/domain/', 'src/config/', 'src/stores/'],
  'src/live/': ['src/lib/', 'src/protocol/', 'src/domain/'],
  'src/http/': ['src/lib/', 'src/protocol/', 'src/domain/', 'src/config/', 'src/live/'],
  // Backups know no store but by its files, and are made by a process of their own.
  'src/backup/': ['src/lib/', 'src/domain/', 'src/config/', 'src/stores/file/'],
  'src/app.ts': [
    ...[
      'src/lib/',
      'src/protocol/',
      'src/domain/',
      'src/config/',
      'src/stores/',
      'src/blobs/',
      'src/live/',
      'src/http/',
      'src/backup/',
    ],
  ],
  'src/cli/': [
    ...['src/lib/', 'src/protocol/', 'src/domain/', 'src/config/', 'src/stores/', 'src/blobs/', 'src/backup/'],
    'src/app.ts',
  ],
  'src/main.ts': ['src/cli/'],
  'src/client/': ['src/protocol/'],
  'web/': ['src/client/', 'src/protocol/'],
};

const sources = readSources('src', 'web');
const shipped = sources.filter(({ isTest, path }) => !isTest && path !== 'web/vite.config.ts');
const byPath = new Map(sources.map((source) => [source.path, source]));

const layerOf = (path: string): string | undefined =>
  Object.keys(LAYERS)
    .filter((layer) => path.startsWith(layer))
    .toSorted((a, b) => b.length - a.length)[0];

/** `from` may name a layer inside a listed one: `src/stores/` allows `src/stores/file/`. */
const maySee = (layer: string, path: string): boolean =>
  [layer, ...(LAYERS[layer] ?? [])].some((allowed) => path.startsWith(allowed));

/** All files and packages that come along when `start` is loaded, with the way they come. */
const runTimeClosure = (start: Source): Map<string, string> => {
  const ways = new Map<string, string>();
  const follow = (source: Source, way: string): void => {
    for (const { atRunTime, file, specifier } of source.imports) {
      const target = file ?? packageOf(specifier);
      if (!atRunTime || ways.has(target)) continue;
      ways.set(target, `${way} > ${target}`);
      const next = file === undefined ? undefined : byPath.get(file);
      if (next) follow(next, `${way} > ${target}`);
    }
  };
  follow(start, start.path);
  return ways;
};

describe('imports', () => {
  test('there are sources, and every one belongs to a layer', () => {
    assert.ok(shipped.length > 20, 'the sources were not found');
    assert.deepEqual(
      shipped.map(({ path }) => path).filter((path) => layerOf(path) === undefined),
      [],
    );
  });

  test('run one way', () => {
    const wrong = shipped.flatMap(({ path, imports }) =>
      imports
        .map(({ file }) => file)
        .filter((file) => file !== undefined)
        .filter((file) => !maySee(layerOf(path) ?? '', file))
        .map((file) => `${path} imports ${file}`),
    );
    assert.deepEqual(wrong, []);
  });

  test('leave test helpers to tests', () => {
    const wrong = shipped.flatMap(({ path, imports }) =>
      imports
        .filter(({ file }) => file !== undefined && (byPath.get(file)?.isTest || file.startsWith('test/')))
        .map(({ file }) => `${path} imports ${file}`),
    );
    assert.deepEqual(wrong, []);
  });

  test('never go round in a circle at run time', () => {
    const circles = shipped.map((source) => runTimeClosure(source).get(source.path)).filter((way) => way !== undefined);
    assert.deepEqual(circles, []);
  });

  test('of browsers bring no schema library, and of the protocol only types, limits and one-line texts', () => {
    for (const source of shipped.filter(({ path }) => path.startsWith('web/') || path.startsWith('src/client/'))) {
      for (const [target, way] of runTimeClosure(source)) {
        assert.notEqual(target, 'typebox', way);
        if (target.startsWith('src/protocol/')) assert.match(target, /\/(?:limits|plain-line)\.ts$/, way);
        assert.ok(!target.startsWith('node:'), way);
      }
    }
  });

  test('name only packages that an installation has', () => {
    const { dependencies } = JSON.parse(readText('package.json')) as { dependencies: Record<string, string> };
    const wrong = shipped.flatMap(({ path, imports }) =>
      imports
        .filter(({ file, specifier }) => file === undefined && !specifier.startsWith('node:'))
        .filter(({ specifier }) => !Object.hasOwn(dependencies, packageOf(specifier)))
        .map(({ specifier }) => `${path} imports ${specifier}`),
    );
    assert.deepEqual(wrong, []);
  });
});

describe('the specification', () => {
  /** A rule is defined where its id opens a line, whatever marks surround it: `**FS-3**`, `- LG-1.`, `### LV-2`. */
  const DEFINITION = /^[\s#>*|[\]-]*([A-Z]{2}-\d+)\b/gm;
  /** `test('[FS-3] ...')`, also several in a row: `'[FS-3] [FS-4] ...'`. */
  const TITLE = /['"`]((?:\[[A-Z]{2}-\d+\] ?)+)/g;

  const defined = markdownIn('docs/spec').flatMap((path) =>
    [...readText(path).matchAll(DEFINITION)].map(([, id = '']) => ({ id, path })),
  );
  const tested = [...readSources('test').filter(({ path }) => path !== 'test/architecture.test.ts'), ...sources]
    .filter(({ isTest, path }) => isTest || path.startsWith('test/'))
    .flatMap(({ path, text }) =>
      [...text.matchAll(TITLE)].flatMap(([, ids = '']) =>
        [...ids.matchAll(/[A-Z]{2}-\d+/g)].map(([id]) => ({ id, path })),
      ),
    );

  test('defines each rule once', () => {
    const ids = defined.map(({ id }) => id);
    assert.deepEqual(
      ids.filter((id, index) => ids.indexOf(id) !== index),
      [],
    );
  });

  test('has a test for every rule', () => {
    const ids = new Set(tested.map(({ id }) => id));
    assert.deepEqual(
      defined.filter(({ id }) => !ids.has(id)),
      [],
    );
  });

  test('has a rule for every test that names one', () => {
    const ids = new Set(defined.map(({ id }) => id));
    assert.deepEqual(
      tested.filter(({ id }) => !ids.has(id)),
      [],
    );
  });
});

describe('docs/errors.md', () => {
  /** ``## `code` `` and, as the next text, `HTTP 503, retry: later.` */
  const ENTRY = /^## `(\w+)`\n+HTTP (\d{3}), retry: (\w+)\./gm;

  test('explains every error of the registry, with its status and whether to try again, and no other', () => {
    const explained = [...readText('docs/errors.md').matchAll(ENTRY)].map(([, code, status, retry]) => ({
      code,
      status: Number(status),
      retry,
    }));
    const registered = Object.entries(ERRORS).map(([code, { status, retry }]) => ({ code, status, retry }));
    assert.deepEqual(explained, registered);
  });
});
