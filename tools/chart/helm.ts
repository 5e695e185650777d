import { ensurePrograms, type EnsureOptions } from '../programs/ensure-programs.ts';
import { join } from 'node:path';
import type { ProgramSet } from '../programs/program-set.ts';

/** Helm, at the version that helm/go.mod names. */
function helmProgram(): ProgramSet<'helm'> {
  return {
    name: 'helm',
    moduleDir: join(import.meta.dirname, 'helm'),
    programs: { helm: 'helm.sh/helm/v4/cmd/helm' },
  };
}

/** The path of helm, which is built where it is not there. */
export async function ensureHelm(options: EnsureOptions = {}): Promise<string> {
  return (await ensurePrograms(helmProgram(), options)).helm;
}
