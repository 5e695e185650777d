import { expect, it } from 'vitest';
import {
  listKubernetesVersions,
  selectKubernetes,
  VERSION_VARIABLE,
  versionFlags,
} from '../../../tools/cluster/kubernetes-version.ts';
import { controlPlanePrograms } from '../../../tools/cluster/programs.ts';
import { nodePrograms } from '../../../tools/cluster/node/programs.ts';

it('lists versions from the oldest to the present one', async () => {
  const versions = await listKubernetesVersions();
  const minors = versions.map(({ minor }) => Number(minor.replace('1.', '')));
  expect(minors).toEqual([...minors].sort((a, b) => a - b));
  expect(minors[0]).toBe(30);
  expect(versions.at(-1)).toEqual(await selectKubernetes({}));
});

it('takes the present version unless another is named', async () => {
  const present = await selectKubernetes({});
  expect(await selectKubernetes({ [VERSION_VARIABLE]: '' })).toEqual(present);
  expect(await selectKubernetes({ [VERSION_VARIABLE]: present.minor })).toEqual(present);
});

it('takes the version that is named, for the control plane and for the node', async () => {
  const env = { [VERSION_VARIABLE]: '1.30' };
  const { moduleDir, version } = await selectKubernetes(env);
  expect(version).toMatch(/^v1\.30\.\d+$/);
  for (const set of [await controlPlanePrograms(env), await nodePrograms(env)]) {
    expect(set.moduleDir).toBe(moduleDir);
    expect(set.ldflags).toContain(`version.gitVersion=${version} `);
  }
});

it('names the versions there are when there is none such', async () => {
  const minors = (await listKubernetesVersions()).map(({ minor }) => minor).join(', ');
  await expect(selectKubernetes({ [VERSION_VARIABLE]: '1.2' })).rejects.toMatchObject({
    name: 'ProgramsError',
    message: `PULLKEEPER_KUBERNETES is "1.2"; the versions there are: ${minors}`,
  });
});

it('makes programs say which version they are', () => {
  expect(versionFlags({ moduleDir: '/', version: 'v1.30.14', minor: '1.30' })).toBe(
    '-s -w -X k8s.io/component-base/version.gitVersion=v1.30.14' +
      ' -X k8s.io/component-base/version.gitMajor=1 -X k8s.io/component-base/version.gitMinor=30',
  );
});
