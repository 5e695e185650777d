import { join } from 'node:path';
import { renderChart } from './render.ts';

const MANIFESTS = join(import.meta.dirname, '../../manifests');

/** A file for those who apply plain YAML; nothing in it is written by hand. */
export interface PlainManifest {
  readonly file: string;
  readonly render: (helm: string) => Promise<string>;
}

const NAMESPACE = 'pullkeeper-system';

/** Helm leaves the namespace to its caller, and so its Pod Security level too. */
const NAMESPACE_OBJECT = `---
apiVersion: v1
kind: Namespace
metadata:
  name: ${NAMESPACE}
  labels:
    app.kubernetes.io/name: pullkeeper
    pod-security.kubernetes.io/enforce: restricted
`;

export const PLAIN_MANIFESTS: readonly PlainManifest[] = [
  {
    file: join(MANIFESTS, 'install.yaml'),
    render: async (helm) => {
      const about = '# All that a cluster needs to run Pullkeeper, in the order in which it is applied.\n';
      return `${about}${ORIGIN}${NAMESPACE_OBJECT}${plain(await renderChart({ helm, namespace: NAMESPACE }))}`;
    },
  },
  {
    file: join(MANIFESTS, 'optional/label-guard.yaml'),
    render: async (helm) => {
      const rendering = { helm, namespace: NAMESPACE, values: ['labelGuard.enabled=true'] };
      return `${ORIGIN}${plain(await renderChart({ ...rendering, templates: ['templates/label-guard.yaml'] }))}`;
    },
  },
];

const ORIGIN =
  '# Rendered from manifests/chart with its default values: change it there, and run `npm run manifests`.\n';

/** Without what says that Helm manages it, which it does not. */
function plain(rendered: string): string {
  const helmsOwn = /^(?:# Source: .*| +app\.kubernetes\.io\/managed-by: Helm| +helm\.sh\/chart: .*|)\n/gm;
  return rendered.replaceAll(helmsOwn, '');
}
