/** What `go mod edit -json` prints of a go.mod, as far as it is used here. */
export interface GoMod {
  readonly Go: string;
  readonly Require: readonly { readonly Path: string; readonly Version: string }[];
  readonly Replace: readonly { readonly Old: { readonly Path: string }; readonly New: { readonly Path: string } }[];
}

const PROGRAMS = [
  'go.etcd.io/etcd/server/v3',
  'k8s.io/kubernetes/cmd/kube-apiserver',
  'k8s.io/kubernetes/cmd/kube-controller-manager',
  'k8s.io/kubernetes/cmd/kube-proxy',
  'k8s.io/kubernetes/cmd/kube-scheduler',
  'k8s.io/kubernetes/cmd/kubectl',
  'k8s.io/kubernetes/cmd/kubelet',
];

/** Examples of how to build on Kubernetes: no program imports them, and the proxy does not serve every version of them. */
const isExample = (path: string): boolean => path.startsWith('k8s.io/sample-');

/**
 * The go.mod that builds the programs of Kubernetes `version` (`v1.30.14`) from published modules, before `go mod tidy`
 * takes away what they do not need. `own` is that version's own go.mod: every dependency keeps the version that its
 * release was built with, and the `go` line the language and the GODEBUG defaults of that release, whatever Go builds it.
 * Staging modules (there: folders of the same repository; published as `v0.30.14`) become ones of the same release.
 */
export function moduleFile(version: string, own: GoMod): string {
  const [, minor, patch] = /^v1\.(\d+)\.(\d+)$/.exec(version) ?? [];
  if (minor === undefined || patch === undefined) throw new Error(`${version} is not a version such as v1.30.14`);
  const staging = `v0.${minor}.${patch}`;
  const required = own.Require.filter(({ Path }) => !isExample(Path));
  const excluded = own.Require.filter(({ Path }) => isExample(Path));
  const replaced = own.Replace.filter(({ Old }) => !isExample(Old.Path));
  const elsewhere = replaced.find(({ Old, New }) => New.Path !== `./staging/src/${Old.Path}`);
  if (elsewhere !== undefined) throw new Error(`${elsewhere.Old.Path} is replaced by ${elsewhere.New.Path}`);
  return [
    `// The programs of Kubernetes 1.${minor}, written by \`npm run compatibility -- --pin ${version.slice(1)}\`.`,
    `module pullkeeper.dev/tools/cluster/kubernetes-1.${minor}`,
    '',
    `go ${own.Go}`,
    ...block('tool', PROGRAMS),
    ...block('require', [
      `k8s.io/kubernetes ${version}`,
      ...required.map(({ Path, Version }) => `${Path} ${Version} // indirect`),
    ]),
    ...block(
      'exclude',
      excluded.map(({ Path, Version }) => `${Path} ${Version}`),
    ),
    ...block(
      'replace',
      replaced.map(({ Old }) => `${Old.Path} => ${Old.Path} ${staging}`),
    ),
    '',
  ].join('\n');
}

function block(directive: string, lines: readonly string[]): string[] {
  return lines.length === 0 ? [] : ['', `${directive} (`, ...lines.map((line) => `\t${line}`), ')'];
}
