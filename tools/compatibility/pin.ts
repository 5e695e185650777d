import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { OTHER_VERSIONS_DIR } from '../cluster/kubernetes-version.ts';
import { goEnvironment } from '../programs/go-toolchain.ts';
import { ProgramsError } from '../programs/program-set.ts';
import { runGo } from '../programs/run-go.ts';
import { moduleFile, type GoMod } from './module-file.ts';

/**
 * Writes the Go module of another version (`1.30.14`), in the place of the one of the same minor version, and returns its
 * folder. Needs the Go module proxy. Throws {@link ProgramsError} with go's own words when a module is not to be had.
 */
export async function pinKubernetes(
  version: string,
  env: NodeJS.ProcessEnv,
  onLine: (line: string) => void,
): Promise<string> {
  if (!/^1\.\d+\.\d+$/.test(version)) throw new ProgramsError(`${version} is not a version such as 1.30.14`);
  const folder = join(OTHER_VERSIONS_DIR, version.replace(/\.\d+$/, ''));
  const unfinished = join(OTHER_VERSIONS_DIR, `.pinning-${version}`);
  await mkdir(unfinished, { recursive: true });
  const go = async (...args: string[]): Promise<string> => {
    const { code, stdout, stderr } = await runGo({ args, cwd: unfinished, env: goEnvironment(env), onLine });
    if (code !== 0) throw new ProgramsError(`go ${args.join(' ')} failed:\n${stderr}${stdout}`);
    return stdout;
  };
  try {
    const download = await go('mod', 'download', '-json', `k8s.io/kubernetes@v${version}`);
    const { GoMod: file } = JSON.parse(download) as { GoMod: string };
    const own = JSON.parse(await go('mod', 'edit', '-json', file)) as GoMod;
    await writeFile(join(unfinished, 'go.mod'), moduleFile(`v${version}`, own));
    await go('mod', 'tidy');
    await rm(folder, { recursive: true, force: true });
    await rename(unfinished, folder);
  } finally {
    await rm(unfinished, { recursive: true, force: true });
  }
  return folder;
}
