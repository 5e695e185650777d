import type { Plugin, RolldownOptions } from 'rolldown';

/** One character beyond Latin-1 would have Node keep two bytes for each of two million: they are written as escapes. */
const asciiOnly: Plugin = {
  name: 'ascii-only',
  generateBundle: (_options, bundle) => {
    for (const output of Object.values(bundle)) {
      if (output.type === 'chunk') output.code = output.code.replace(/[^\0-\x7f]/g, escapeUnit);
    }
  },
};

function escapeUnit(unit: string): string {
  return `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`;
}

/**
 * undici's entry point loads its fetch, WebSocket, caches and mocks, half a megabyte. What asks it for `fetch` (parts of
 * client-node that the bundle drops) gets Node's own, which is undici's.
 */
const undiciWithoutFetch: Plugin = {
  name: 'undici-without-fetch',
  resolveId: (id) => (id === 'undici' ? 'virtual:undici' : null),
  load: (id) =>
    id === 'virtual:undici'
      ? `import api from 'undici/lib/api/index.js';
         import Agent from 'undici/lib/dispatcher/agent.js';
         import Dispatcher from 'undici/lib/dispatcher/dispatcher.js';
         import ProxyAgent from 'undici/lib/dispatcher/proxy-agent.js';
         Object.assign(Dispatcher.prototype, api);
         const { fetch } = globalThis;
         export { Agent, fetch, ProxyAgent };`
      : null,
};

const NAMES = { function: true, class: true };

// One file with everything in it: the image holds nothing else to read, and it starts in half the time of the sources.
export default {
  input: 'src/main.ts',
  platform: 'node',
  plugins: [undiciWithoutFetch, asciiOnly],
  output: {
    file: 'dist/pullkeeper.js',
    format: 'esm',
    codeSplitting: false,
    // Node keeps the text of a program in memory, and what it made while reading it: a small bundle is 10 MB less.
    // Functions keep their names, for whoever reads a stack trace.
    minify: { compress: { keepNames: NAMES }, mangle: { keepNames: NAMES }, codegen: { removeWhitespace: true } },
  },
  treeshake: {
    // client-node does not say that its modules do nothing when they are imported. They do not: of its 3 MB of API
    // models, KubeConfig needs none.
    moduleSideEffects: [{ test: /node_modules\/@kubernetes\/client-node\//, sideEffects: false }],
  },
} satisfies RolldownOptions;
