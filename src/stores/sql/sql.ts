/** What a statement may carry beside its text. Lists are for dialects that have arrays. */
export type SqlValue = string | number | null | readonly (string | number | null)[];

/** One row of an answer, by column. */
export type SqlRow = Readonly<Record<string, string | number | null>>;

/**
 * A statement, or a part of one: text with values kept apart, so that nothing a person wrote ever becomes SQL.
 * `texts` has one element more than `values`.
 */
export class Sql {
  readonly texts: readonly string[];
  readonly values: readonly SqlValue[];

  constructor(texts: readonly string[], values: readonly SqlValue[]) {
    this.texts = texts;
    this.values = values;
  }

  /** @param placeholder of the value with this number, from 1 */
  text(placeholder: (number: number) => string): string {
    return this.texts.reduce((text, part, i) => `${text}${placeholder(i)}${part}`);
  }
}

/** `` sql`SELECT a FROM t WHERE b = ${value} AND ${part}` ``: values are bound, parts are put in. */
export const sql = (strings: TemplateStringsArray, ...parts: readonly (SqlValue | Sql)[]): Sql => {
  const texts: string[] = [strings[0]!];
  const values: SqlValue[] = [];
  parts.forEach((part, i) => {
    const next = strings[i + 1]!;
    if (part instanceof Sql) {
      texts.push(`${texts.pop()}${part.texts[0]}`, ...part.texts.slice(1));
      values.push(...part.values);
      texts.push(`${texts.pop()}${next}`);
    } else {
      values.push(part);
      texts.push(next);
    }
  });
  return new Sql(texts, values);
};

/** Text of ours as a part: names of tables and columns, keywords. Never anything that came from outside. */
export const raw = (text: string): Sql => new Sql([text], []);

export const join = (parts: readonly Sql[], separator: string): Sql => {
  const [first, ...others] = parts;
  if (first === undefined) return raw('');
  return others.reduce((joined, part) => sql`${joined}${raw(separator)}${part}`, first);
};
