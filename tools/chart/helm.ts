import { join } from 'node:path';
import type { ProgramSet } from '../programs/program-set.ts';

/** Helm, at the version that helm/go.mod names. */
export function helmProgram(): ProgramSet<'helm'> {
  return {
    name: 'helm',
    moduleDir: join(import.meta.dirname, 'helm'),
    programs: { helm: 'helm.sh/helm/v4/cmd/helm' },
  };
}
