/** Permissive, and known to ask for no more than the notice that each package carries. SPDX identifiers. */
const KNOWN: ReadonlySet<string> = new Set([
  '0BSD',
  'Apache-2.0',
  'BlueOak-1.0.0',
  'BSD-2-Clause',
  'BSD-3-Clause',
  'CC0-1.0',
  'ISC',
  'MIT',
  'MIT-0',
  'PSF-2.0', // Python's, as js-yaml's argparse has it: permissive, asks for the notice
  'Unlicense',
]);
/** File-level copyleft: fine for tools that are run, not for what is bundled. */
const TOOLS_ONLY: ReadonlySet<string> = new Set(['MPL-2.0']);

/**
 * What is wrong with a licence as a package states it, or undefined. Of `A OR B` one known licence is enough, of
 * `A AND B` all must be known.
 */
export function judgeLicence(expression: string | undefined, use: 'shipped' | 'tool'): string | undefined {
  if (expression === undefined || expression.trim() === '') return 'it states no licence';
  const alternatives = expression.replace(/^\(|\)$/g, '').split(' OR ');
  const known = alternatives.some((each) =>
    each.split(' AND ').every((one) => isKnown(one.replace(/[()]/g, '').trim(), use)),
  );
  return known
    ? undefined
    : `${expression} is not on the list for what is ${use === 'shipped' ? 'shipped' : 'only run here'}`;
}

function isKnown(licence: string, use: 'shipped' | 'tool'): boolean {
  return KNOWN.has(licence) || (use === 'tool' && TOOLS_ONLY.has(licence));
}
