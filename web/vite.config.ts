import { fileURLToPath } from 'node:url';
import preact from '@preact/preset-vite';
import { build, defineConfig, type InlineConfig, type Plugin } from 'vite';
import { compactCss } from '../tools/widget-build/compact-css.ts';
import { ownNames } from '../tools/widget-build/own-names.ts';

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));
/** Browsers of mid-2024: `light-dark()` and `Promise.withResolvers` are used as they are. */
const target = ['chrome125', 'edge125', 'firefox128', 'safari17.5'];

/** Leaves out of the widget what only agents use: see there. */
const forVisitors: Plugin = {
  name: 'guichet-for-visitors',
  load: (id) => (id === here('../src/client/for-agents.ts') ? 'export const forAgents = false;' : undefined),
};

/** The widget is one classic script, so that a page embeds it with one line and it loads nothing more at run time. */
const widgetBuild: InlineConfig = {
  configFile: false,
  root: here('.'),
  logLevel: 'warn',
  plugins: [forVisitors, compactCss(), preact({ devToolsEnabled: false, prefreshEnabled: false })],
  // Its own few lines in the place of Preact: see there.
  resolve: {
    alias: [
      { find: /^preact(?:\/jsx-runtime)?$/, replacement: here('widget/render/render.ts') },
      { find: 'preact/hooks', replacement: here('widget/render/hooks.ts') },
    ],
  },
  build: {
    target,
    outDir: here('dist'),
    emptyOutDir: false,
    copyPublicDir: false,
    lib: { entry: here('widget/main.ts'), formats: ['iife'], name: 'guichetWidget', fileName: () => 'widget.js' },
    rolldownOptions: {
      output: { minify: { mangleProps: { include: new RegExp(`^(?:${ownNames().join('|')})$`) } } },
    },
  },
};

const withWidget: Plugin = {
  name: 'guichet-widget',
  apply: 'build',
  closeBundle: async () => {
    await build(widgetBuild);
  },
};

export default defineConfig({
  root: here('.'),
  logLevel: 'warn',
  plugins: [preact({ devToolsEnabled: false, prefreshEnabled: false }), withWidget],
  build: {
    target,
    outDir: here('dist'),
    emptyOutDir: true,
    // The polyfill would be an inline script, which our content security policy refuses; every target knows preload.
    modulePreload: { polyfill: false },
    assetsInlineLimit: 0,
    rolldownOptions: {
      input: [here('index.html'), here('console/index.html'), here('demo/index.html')],
    },
  },
});
