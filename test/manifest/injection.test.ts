import { describe, expect, it } from 'vitest';
import { injectStreams } from '../../src/manifest/injection.ts';

const options = { secretName: 'pullkeeper', find: () => [{ source: 'any' }] };

describe('injectStreams', () => {
  it('counts ServiceAccounts of one stream for the Pods of another', () => {
    const account =
      'apiVersion: v1\nkind: ServiceAccount\nmetadata:\n  name: a\n  annotations: {kubernetes.io/enforce-mountable-secrets: "true"}\n';
    const pod =
      'apiVersion: v1\nkind: Pod\nmetadata: {name: p}\nspec: {serviceAccountName: a, containers: [{image: x}]}\n';
    const result = injectStreams(
      [
        { name: 'pod', text: pod },
        { name: 'account', text: account },
      ],
      options,
    );
    expect(result).toMatchObject({ kind: 'injected', streams: [{ text: pod, edits: [] }, { text: account }] });
  });

  it('tells the problems of every stream at once', () => {
    const result = injectStreams(
      [
        { name: 'a', text: 'x: [' },
        { name: 'b', text: 'x: 1' },
        { name: 'c', text: '\n\nx: "' },
      ],
      options,
    );
    expect(result).toEqual({
      kind: 'failed',
      problems: [
        {
          stream: 'a',
          line: 1,
          document: 1,
          sentence: 'it is not YAML: the indentation does not fit, or a bracket is not closed',
        },
        {
          stream: 'c',
          line: 3,
          document: 1,
          sentence: 'it is not YAML: the string that starts here has no closing quote',
        },
      ],
    });
  });

  it.each([
    ['brackets', '['.repeat(100_000)],
    ['lines', Array.from({ length: 3000 }, (_, depth) => `${' '.repeat(depth)}a:`).join('\n')],
  ])('ends in a sentence, however deep %s nest', (_title, text) => {
    const result = injectStreams([{ name: 'deep', text }], options);
    expect(result).toMatchObject({
      kind: 'failed',
      problems: [{ sentence: 'it is not YAML: it is nested too deeply' }],
    });
  });

  it('edits a stream of two megabytes', () => {
    const documents = Array.from({ length: 400 }, (_, index) =>
      index % 2 === 0
        ? `apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: c${index}\ndata:\n  text: |\n${'    ---\n    spec:\n      containers: []\n'.repeat(270)}`
        : `apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: d${index}\nspec:\n  template:\n    spec:\n      containers:\n      - image: quay.io/acme/d\n`,
    );
    const text = documents.join('---\n');
    expect(text.length).toBeGreaterThan(2_000_000);
    const result = injectStreams([{ name: 'big', text }], options);
    const expected = text.replaceAll(
      '    spec:\n      containers:\n',
      '    spec:\n      imagePullSecrets:\n      - name: pullkeeper\n      containers:\n',
    );
    expect(result.kind === 'injected' && result.streams[0]?.text === expected).toBe(true);
  }, 30_000);
});
