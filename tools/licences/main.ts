/** `npm run check:licences`: every package of the lockfile has a licence that a program under Apache-2.0 may be shipped with. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { judgeLicence } from './licence.ts';

const ROOT = join(import.meta.dirname, '../..');

interface Lockfile {
  readonly packages: Readonly<
    Record<string, { readonly license?: string; readonly version?: string; readonly dev?: boolean }>
  >;
}

const { packages } = JSON.parse(await readFile(join(ROOT, 'package-lock.json'), 'utf8')) as Lockfile;
const problems: string[] = [];
let count = 0;
for (const [path, { license, version, dev }] of Object.entries(packages)) {
  if (path === '') continue;
  count++;
  const problem = judgeLicence(license, dev === true ? 'tool' : 'shipped');
  if (problem !== undefined) problems.push(`${path.replace(/^.*node_modules\//, '')}@${version ?? '?'}: ${problem}`);
}
if (problems.length > 0) {
  console.error(`licences that must be looked at by a person:\n${problems.map((each) => `  ${each}\n`).join('')}`);
  console.error('Take another package, or add the licence to tools/licences/licence.ts with the reason.');
  process.exitCode = 1;
} else {
  console.log(`${count} packages, each under a licence that is known`);
}
