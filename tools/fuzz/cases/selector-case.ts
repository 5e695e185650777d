import { matchesSelector, parseSelector } from '../../../src/core/sources/label-selector.ts';
import { sameAnswer } from './case-kind.ts';

/** How a label selector is read, and which sets of labels it selects. */
export interface SelectorCase {
  readonly kind: 'selector';
  readonly text: string;
  readonly labels: readonly Readonly<Record<string, string>>[];
}

export const selectorKind = sameAnswer<SelectorCase>('a label selector selects what it does for kubectl', {
  question: ({ text, labels }) => ({ selector: { text, labels } }),
  kubelet: (_, { selector }) => selector,
  ours({ text, labels }) {
    const parsed = parseSelector(text);
    return parsed.kind === 'invalid' ? 'invalid' : labels.map((set) => matchesSelector(parsed.selector, set));
  },
});
