/** `npm run manifests` and `npm run check:manifests`: plain YAML from the chart. */
import { readFile, writeFile } from 'node:fs/promises';
import { relative } from 'node:path';
import { ProgramsError } from '../programs/program-set.ts';
import { ensureHelm } from './helm.ts';
import { PLAIN_MANIFESTS } from './plain-manifests.ts';
import { ChartError } from './render.ts';

const HELP = `Usage: node tools/chart/main.ts render | check

render  writes manifests/install.yaml and manifests/optional/ anew from the chart
check   says which of them are not what the chart renders; exit status 1 when one is not

Helm is built once with Go. Without Go, check is skipped and says so, unless CI is set.
`;

async function main([command, ...rest]: readonly string[]): Promise<number> {
  if ((command !== 'render' && command !== 'check') || rest.length > 0) {
    process.stdout.write(HELP);
    return command === '--help' ? 0 : 2;
  }
  try {
    const helm = await ensureHelm();
    return await (command === 'render' ? render(helm) : check(helm));
  } catch (error) {
    if (!(error instanceof ProgramsError) && !(error instanceof ChartError)) throw error;
    process.stderr.write(`manifests: ${error.message}\n`);
    if (command === 'render' || error instanceof ChartError || process.env['CI'] !== undefined) return 1;
    process.stderr.write('manifests: not compared with the chart\n');
    return 0;
  }
}

async function render(helm: string): Promise<number> {
  for (const manifest of PLAIN_MANIFESTS) {
    await writeFile(manifest.file, await manifest.render(helm));
    console.log(`${shown(manifest.file)} is what the chart renders`);
  }
  return 0;
}

async function check(helm: string): Promise<number> {
  let stale = 0;
  for (const manifest of PLAIN_MANIFESTS) {
    const found = await readFile(manifest.file, 'utf8').catch(() => '');
    if (found === (await manifest.render(helm))) continue;
    stale += 1;
    process.stderr.write(`${shown(manifest.file)} is not what manifests/chart renders: run npm run manifests\n`);
  }
  return stale === 0 ? 0 : 1;
}

function shown(file: string): string {
  return relative(process.cwd(), file);
}

process.exitCode = await main(process.argv.slice(2));
