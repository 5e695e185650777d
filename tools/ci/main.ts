/**
 * The end of `.ci/run`: `node tools/ci/main.ts REPORTS_FOLDER [FAILED_STEP…]`. Prints which tests and steps failed, and as
 * the last line how many tests passed, failed and were skipped, from the JSON reports that the test runner left.
 */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** The message and the first places of its stack: the whole is further up, where the runner printed it. */
const SHOWN_CHARACTERS = 1000;

interface Report {
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  readonly numPendingTests: number;
  readonly numTodoTests: number;
  readonly testResults: readonly {
    readonly name: string;
    readonly status: string;
    readonly message: string;
    readonly assertionResults: readonly {
      readonly fullName: string;
      readonly status: string;
      readonly failureMessages: readonly string[];
    }[];
  }[];
}

async function main([folder, ...failedSteps]: readonly string[]): Promise<number> {
  if (folder === undefined) throw new Error('usage: node tools/ci/main.ts REPORTS_FOLDER [FAILED_STEP…]');
  const files = (await readdir(folder)).filter((file) => file.endsWith('.json'));
  const reports = await Promise.all(
    files.map(async (file) => JSON.parse(await readFile(join(folder, file), 'utf8')) as Report),
  );
  let [passed, failed, skipped] = [0, 0, 0];
  for (const report of reports) {
    passed += report.numPassedTests;
    failed += report.numFailedTests;
    skipped += report.numPendingTests + report.numTodoTests;
    for (const { name, status, message, assertionResults } of report.testResults) {
      // A file that could not be loaded has no tests to count, and has failed all the same.
      if (status === 'failed' && assertionResults.length === 0) {
        failed++;
        console.log(`FAILED ${name}: ${message}`);
      }
      for (const result of assertionResults) {
        if (result.status === 'failed') {
          console.log(`FAILED ${name}: ${result.fullName}`);
          for (const each of result.failureMessages)
            console.log(each.slice(0, SHOWN_CHARACTERS).replaceAll(/^/gm, '  '));
        }
        if (result.status === 'pending' || result.status === 'skipped' || result.status === 'todo') {
          console.log(`SKIPPED ${name}: ${result.fullName}`);
        }
      }
    }
  }
  for (const step of failedSteps) console.log(`FAILED STEP ${step}`);
  console.log(`${passed} passed, ${failed} failed, ${skipped} skipped`);
  return failed > 0 || failedSteps.length > 0 || passed === 0 ? 1 : 0;
}

process.exitCode = await main(process.argv.slice(2));
