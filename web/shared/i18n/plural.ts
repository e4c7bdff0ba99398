/** Picks the form of a phrase for a number, by the language's own rules; `#` stands for the number. */
export const plurals = (language: string) => {
  const rules = new Intl.PluralRules(language);
  const format = new Intl.NumberFormat(language);
  return (forms: { one: string; other: string }) =>
    (count: number): string =>
      (rules.select(count) === 'one' ? forms.one : forms.other).replace('#', format.format(count));
};

/** Writes a number of bytes as people do: 840 kB, 2.4 MB. */
export const sizes = (language: string) => {
  const format = (unit: string, digits: number): Intl.NumberFormat =>
    new Intl.NumberFormat(language, { style: 'unit', unit, maximumFractionDigits: digits });
  const [kilobytes, megabytes] = [format('kilobyte', 0), format('megabyte', 1)] as const;
  return (bytes: number): string =>
    bytes < 999_500 ? kilobytes.format(Math.max(1, bytes / 1000)) : megabytes.format(bytes / 1_000_000);
};
