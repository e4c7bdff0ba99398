/**
 * The owner's accent made readable: on light and on dark grounds alike it keeps its hue and is darkened or lightened
 * until text in it, and text on it, meets WCAG AA (4.5 to 1).
 */

type Rgb = readonly [number, number, number];

const AA = 4.5;
const WHITE: Rgb = [255, 255, 255];
const BLACK: Rgb = [0, 0, 0];
/** The hardest ground an accent stands on, for each theme: its own tint over the surface. */
const GROUND = { light: [250, 248, 244] as Rgb, dark: [29, 32, 36] as Rgb };
const INK_ON_DARK: Rgb = [21, 23, 26];

const parse = (hex: string): Rgb => {
  const value = Number.parseInt(hex.slice(1), 16);
  return [(value >> 16) & 255, (value >> 8) & 255, value & 255];
};

const format = (rgb: Rgb): string => `#${rgb.map((part) => Math.round(part).toString(16).padStart(2, '0')).join('')}`;

const mix = (a: Rgb, b: Rgb, share: number): Rgb => [
  a[0] + (b[0] - a[0]) * share,
  a[1] + (b[1] - a[1]) * share,
  a[2] + (b[2] - a[2]) * share,
];

/** Relative luminance, WCAG 2.2. */
const luminance = (rgb: Rgb): number => {
  const [r, g, b] = rgb.map((part) => {
    const c = part / 255;
    return c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
  }) as unknown as Rgb;
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
};

const contrast = (a: Rgb, b: Rgb): number => {
  const [high, low] = [luminance(a), luminance(b)].sort((x, y) => y - x) as [number, number];
  return (high + 0.05) / (low + 0.05);
};

/** Contrast ratio of two `#RRGGBB` colours, 1 to 21. */
export const contrastOf = (a: string, b: string): number => contrast(parse(a), parse(b));

const readableOn = (accent: Rgb, ground: Rgb, towards: Rgb): Rgb => {
  for (let share = 0; share <= 1; share += 0.02) {
    const candidate = mix(accent, towards, share);
    // Messages of agents stand on a tint of nine percent of the accent itself.
    const tint = mix(ground, candidate, 0.09);
    if (contrast(candidate, tint) >= AA && contrast(candidate, ground) >= AA) return candidate;
  }
  return towards;
};

/** The custom properties of tokens.css for an accent `#RRGGBB`; none for anything else. */
export const accentProperties = (accent: string | null | undefined): Record<string, string> => {
  if (!accent || !/^#[0-9a-f]{6}$/i.test(accent)) return {};
  const light = readableOn(parse(accent), GROUND.light, BLACK);
  const dark = readableOn(parse(accent), GROUND.dark, WHITE);
  const textOn = (ground: Rgb): string => format(contrast(ground, WHITE) >= AA ? WHITE : INK_ON_DARK);
  return {
    '--accent-on-light': format(light),
    '--accent-on-dark': format(dark),
    '--text-on-accent-light': textOn(light),
    '--text-on-accent-dark': textOn(dark),
  };
};
