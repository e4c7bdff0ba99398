import fc from 'fast-check';

/** The parts of a JSON schema that ours are made of. */
interface Schema {
  readonly type?: string;
  readonly const?: unknown;
  readonly anyOf?: readonly Schema[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly items?: Schema;
  readonly patternProperties?: Readonly<Record<string, Schema>>;
  readonly minimum?: number;
  readonly maximum?: number;
}

/** Texts that have hurt somebody's program before. */
const NASTY = [
  ...[
    '',
    ' ',
    '\u0000',
    '\ud800',
    '\udfff\ud800',
    '\u202e txt.exe',
    '\ufeff',
    '../../etc/passwd',
    '%2e%2e%2f',
    "' OR 1=1 --",
  ],
  ...['__proto__', 'constructor', 'toString', 'null', 'undefined', 'NaN', '-1', '1e309', '0', '9007199254740993'],
  ...['<script>alert(1)</script>', '{"$ne":null}', 'a@b.c', '2026-01-31T08:00:00Z', 'fr', '*', '.', '/', '\r\nx: y'],
];

const text = (known: readonly string[]): fc.Arbitrary<string> =>
  fc.oneof(
    { weight: 3, arbitrary: fc.constantFrom(...NASTY, ...known) },
    { weight: 2, arbitrary: fc.string({ unit: 'binary', maxLength: 40 }) },
    { weight: 1, arbitrary: fc.string({ unit: 'grapheme', maxLength: 300 }) },
  );

const whole = ({ minimum = -2, maximum = 1000 }: Schema): fc.Arbitrary<unknown> =>
  fc.oneof(
    fc.integer({ min: minimum, max: Math.max(minimum, maximum) }),
    fc.constantFrom(0, -1, 1, 2 ** 31, Number.MAX_SAFE_INTEGER, -Number.MAX_SAFE_INTEGER, 0.5, 1e21),
  );

/**
 * Values of a TypeBox schema and, now and then in any place, values that are none of it.
 * @param known texts that mean something to the server, such as ids of what is there
 */
export const arbitraryOf = (schema: object, known: readonly string[] = []): fc.Arbitrary<unknown> => {
  const { type, anyOf, properties, required = [], items, patternProperties } = schema as Schema;
  const wrong = { weight: 1, arbitrary: fc.jsonValue({ maxDepth: 2 }) as fc.Arbitrary<unknown> };
  const right = (): fc.Arbitrary<unknown> => {
    if ('const' in schema) return fc.constant((schema as Schema).const);
    if (anyOf !== undefined) return fc.oneof(...anyOf.map((choice) => arbitraryOf(choice, known)));
    if (properties !== undefined) {
      const fields = Object.entries(properties).map(([name, of]) => [name, arbitraryOf(of, known)]);
      return fc.record(Object.fromEntries(fields) as Record<string, fc.Arbitrary<unknown>>, {
        requiredKeys: required as never[],
      });
    }
    if (patternProperties !== undefined) return fc.dictionary(text(known), text(known), { maxKeys: 4 });
    if (type === 'string') return text(known);
    if (type === 'integer' || type === 'number') return whole(schema);
    if (type === 'boolean') return fc.boolean();
    if (type === 'null') return fc.constant(null);
    if (type === 'array') return fc.array(arbitraryOf(items ?? {}, known), { maxLength: 4 });
    return fc.jsonValue({ maxDepth: 3 });
  };
  return fc.oneof({ weight: 25, arbitrary: right() }, wrong);
};
