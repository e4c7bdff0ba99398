import type { Plugin } from 'vite';

/** Set by accent.ts on the host. */
const SET_BY_CODE = /^--(?:text-on-)?accent-(?:on-)?(?:light|dark)$/;
const DECLARATION = /(--[\w-]+):([^;{}]+);?/g;
/** Values of this length are shorter than asking for them. */
const SHORT = 6;

const uses = (css: string, name: string): number => css.split(`var(${name})`).length - 1;

/** Puts custom properties that are asked for once, or are short, where they are asked for, and leaves out the rest. */
const inPlace = (css: string): string => {
  // Declared twice on the host, the later one counts.
  const values = new Map([...css.matchAll(DECLARATION)].map(([, name, value]) => [name!, value!]));
  for (const [name, value] of values) {
    if (SET_BY_CODE.test(name)) continue;
    const times = uses(css, name);
    if (times > 1 && value.length > SHORT) continue;
    const without = css.replace(DECLARATION, (whole, declared: string) => (declared === name ? '' : whole));
    const next = without.replaceAll(`var(${name})`, value);
    return inPlace(next);
  }
  return css;
};

/**
 * The style sheet of the widget, made smaller by what holds only there: it is one text in a shadow root, where `:root`
 * is nobody and nobody else sees its custom properties. The few that stay get short names, in the code that sets them
 * as well; names that a page would hardly give to everything in it.
 */
export const compactCss = (): Plugin => {
  const short = new Map<string, string>();
  return {
    name: 'guichet-compact-css',
    enforce: 'post',
    transform(code, id) {
      if (!id.endsWith('widget.css?inline')) return undefined;
      const literal = /^export default ("(?:[^"\\]|\\.)*")/.exec(code)?.[1];
      if (literal === undefined) throw new Error(`${id} is not the text that was expected.`);
      const text = inPlace((JSON.parse(literal) as string).replace(/:root(?:\[[^\]]*\])?,/g, '').replaceAll(', ', ','));
      for (const [, name] of text.matchAll(DECLARATION)) {
        if (!short.has(name!)) short.set(name!, `--g${short.size.toString(36)}`);
      }
      const named = text.replace(/--[\w-]+/g, (name) => short.get(name) ?? name);
      return { code: `export default ${JSON.stringify(named)}`, map: null };
    },
    renderChunk: (code) => ({
      code: code.replace(/(?<=["'`])--[\w-]+(?=["'`])/g, (name) => short.get(name) ?? name),
      map: null,
    }),
  };
};
