import type { TestContext } from 'vitest';
import { selectKubernetes } from '../../tools/cluster/kubernetes-version.ts';

/**
 * 37 when the tests run against Kubernetes 1.37. For what older versions lack: `skip(…, 'why')` in the test, which is told
 * with the results, and a line in docs/compatibility.md.
 */
export async function kubernetesMinor(): Promise<number> {
  const { minor } = await selectKubernetes(process.env);
  return Number(minor.slice('1.'.length));
}

/** For tests that type commands as they are documented. */
export async function skipWithoutWaitForCreate({ skip }: TestContext): Promise<void> {
  skip((await kubernetesMinor()) < 31, 'kubectl has wait --for=create since 1.31');
}
