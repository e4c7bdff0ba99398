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

/** A statement being put together, in time that grows with its length: some have the rows of a thousand messages. */
class Making {
  readonly #texts: string[] = [''];
  readonly #values: SqlValue[] = [];

  addText(text: string): void {
    this.#texts[this.#texts.length - 1] += text;
  }

  addValue(value: SqlValue): void {
    this.#values.push(value);
    this.#texts.push('');
  }

  add({ texts, values }: Sql): void {
    this.addText(texts[0]!);
    values.forEach((value, i) => {
      this.addValue(value);
      this.addText(texts[i + 1]!);
    });
  }

  end(): Sql {
    return new Sql(this.#texts, this.#values);
  }
}

/** `` sql`SELECT a FROM t WHERE b = ${value} AND ${part}` ``: values are bound, parts are put in. */
export const sql = (strings: TemplateStringsArray, ...parts: readonly (SqlValue | Sql)[]): Sql => {
  const made = new Making();
  made.addText(strings[0]!);
  parts.forEach((part, i) => {
    if (part instanceof Sql) made.add(part);
    else made.addValue(part);
    made.addText(strings[i + 1]!);
  });
  return made.end();
};

/** Text of ours as a part: names of tables and columns, keywords. Never anything that came from outside. */
export const raw = (text: string): Sql => new Sql([text], []);

/** Values behind each other, with commas between; at least one. */
export const listed = (values: readonly SqlValue[]): Sql =>
  new Sql(['', ...new Array<string>(values.length - 1).fill(', '), ''], values);

export const join = (parts: readonly Sql[], separator: string): Sql => {
  const made = new Making();
  parts.forEach((part, i) => {
    if (i > 0) made.addText(separator);
    made.add(part);
  });
  return made.end();
};
