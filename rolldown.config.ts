import { defineConfig, type Plugin } from 'rolldown';

/** One character beyond Latin-1 would have Node keep two bytes for each of three million: they are written as escapes. */
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

// One file with everything in it: the image holds nothing else to read, and it starts in half the time of the sources.
export default defineConfig({
  input: 'src/main.ts',
  platform: 'node',
  plugins: [asciiOnly],
  output: {
    file: 'dist/pullkeeper.js',
    format: 'esm',
    codeSplitting: false,
    // Node keeps the text of a program in memory, more than once: without comments and indentation it is a quarter less.
    // Names stay, for whoever reads a stack trace.
    minify: { compress: false, mangle: false, codegen: { removeWhitespace: true } },
  },
  treeshake: {
    // client-node does not say that its modules do nothing when they are imported. They do not: of its 3 MB of API
    // models, KubeConfig needs none.
    moduleSideEffects: [{ test: /node_modules\/@kubernetes\/client-node\//, sideEffects: false }],
  },
});
