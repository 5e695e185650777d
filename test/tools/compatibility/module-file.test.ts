import { expect, it } from 'vitest';
import { moduleFile, type GoMod } from '../../../tools/compatibility/module-file.ts';

const OWN: GoMod = {
  Go: '1.22.0',
  Require: [
    { Path: 'golang.org/x/net', Version: 'v0.23.0' },
    { Path: 'k8s.io/api', Version: 'v0.0.0' },
    { Path: 'k8s.io/sample-apiserver', Version: 'v0.0.0' },
  ],
  Replace: [
    { Old: { Path: 'k8s.io/api' }, New: { Path: './staging/src/k8s.io/api' } },
    { Old: { Path: 'k8s.io/sample-apiserver' }, New: { Path: './staging/src/k8s.io/sample-apiserver' } },
  ],
};

it('keeps the dependencies of the release, and takes staging modules and examples out of the repository', () => {
  expect(moduleFile('v1.30.14', OWN))
    .toBe(`// The programs of Kubernetes 1.30, written by \`npm run compatibility -- --pin 1.30.14\`.
module pullkeeper.dev/tools/cluster/kubernetes-1.30

go 1.22.0

tool (
	go.etcd.io/etcd/server/v3
	k8s.io/kubernetes/cmd/kube-apiserver
	k8s.io/kubernetes/cmd/kube-controller-manager
	k8s.io/kubernetes/cmd/kube-proxy
	k8s.io/kubernetes/cmd/kube-scheduler
	k8s.io/kubernetes/cmd/kubectl
	k8s.io/kubernetes/cmd/kubelet
)

require (
	k8s.io/kubernetes v1.30.14
	golang.org/x/net v0.23.0 // indirect
	k8s.io/api v0.0.0 // indirect
)

exclude (
	k8s.io/sample-apiserver v0.0.0
)

replace (
	k8s.io/api => k8s.io/api v0.30.14
)
`);
});

it('refuses a release whose staging modules lie elsewhere', () => {
  const moved = { ...OWN, Replace: [{ Old: { Path: 'k8s.io/api' }, New: { Path: './elsewhere/api' } }] };
  expect(() => moduleFile('v1.30.14', moved)).toThrow('k8s.io/api is replaced by ./elsewhere/api');
});

it('refuses what is no version of a release', () => {
  expect(() => moduleFile('v1.30.0-rc.1', OWN)).toThrow('v1.30.0-rc.1 is not a version such as v1.30.14');
});
