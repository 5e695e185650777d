import { join } from 'node:path';
import type { ProgramSet } from '../programs/program-set.ts';

export type CertManagerProgram = 'cert-manager-controller' | 'cert-manager-cainjector';

/** cert-manager's controllers, at the version that module/go.mod names. */
export function certManagerPrograms(): ProgramSet<CertManagerProgram> {
  return {
    name: 'cert-manager',
    moduleDir: join(import.meta.dirname, 'module'),
    programs: { 'cert-manager-controller': './controller', 'cert-manager-cainjector': './cainjector' },
  };
}
