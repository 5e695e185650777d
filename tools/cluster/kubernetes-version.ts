import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ProgramsError } from '../programs/program-set.ts';

/** A version of Kubernetes that the tools build: the Go module that pins it, and what its programs are to call themselves. */
export interface KubernetesVersion {
  /** Absolute path of the folder that holds go.mod and go.sum. */
  readonly moduleDir: string;
  /** To the patch, with its `v`: `v1.37.2`. */
  readonly version: string;
  /** What it is selected by: `1.37`. */
  readonly minor: string;
}

/** Names the version, as `1.30`. Without it: the one that kubernetes/go.mod names, which the tests are written for. */
export const VERSION_VARIABLE = 'PULLKEEPER_KUBERNETES';

/** Where the modules of other versions lie, each in a folder of its minor version's name. */
export const OTHER_VERSIONS_DIR = join(import.meta.dirname, 'older-kubernetes');

/** Every version that can be selected, oldest first. */
export async function listKubernetesVersions(): Promise<KubernetesVersion[]> {
  const others = (await readdir(OTHER_VERSIONS_DIR)).filter((name) => /^1\.\d+$/.test(name));
  const folders = [...others.map((name) => join(OTHER_VERSIONS_DIR, name)), join(import.meta.dirname, 'kubernetes')];
  const versions = await Promise.all(folders.map(readVersion));
  return versions.sort((a, b) => a.minor.localeCompare(b.minor, 'en', { numeric: true }));
}

/** The version that {@link VERSION_VARIABLE} names, or the present one. Throws {@link ProgramsError} when there is none such. */
export async function selectKubernetes(env: NodeJS.ProcessEnv): Promise<KubernetesVersion> {
  const wanted = env[VERSION_VARIABLE];
  if (wanted === undefined || wanted === '') return readVersion(join(import.meta.dirname, 'kubernetes'));
  const versions = await listKubernetesVersions();
  const found = versions.find(({ minor }) => minor === wanted);
  if (found !== undefined) return found;
  const known = versions.map(({ minor }) => minor).join(', ');
  throw new ProgramsError(`${VERSION_VARIABLE} is ${JSON.stringify(wanted)}; the versions there are: ${known}`);
}

/** Without these the programs call themselves v0.0.0-master, and features that look at the server's version are off. */
export function versionFlags({ version }: KubernetesVersion): string {
  const [, major, minor] = /^v(\d+)\.(\d+)\./.exec(version) ?? [];
  const variables = { gitVersion: version, gitMajor: major, gitMinor: minor };
  const flags = Object.entries(variables).map(([name, value]) => `-X k8s.io/component-base/version.${name}=${value}`);
  return ['-s -w', ...flags].join(' ');
}

async function readVersion(moduleDir: string): Promise<KubernetesVersion> {
  const goMod = await readFile(join(moduleDir, 'go.mod'), 'utf8');
  const [, version, minor] = /k8s\.io\/kubernetes (v(1\.\d+)\.\d+)/.exec(goMod) ?? [];
  if (version === undefined || minor === undefined) {
    throw new Error(`${moduleDir}/go.mod names no version of k8s.io/kubernetes`);
  }
  return { moduleDir, version, minor };
}
