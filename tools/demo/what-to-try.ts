import type { Cluster } from '../cluster/cluster.ts';
import type { Installation } from '../installation/installation.ts';
import { kubectlEnvironment } from './shell.ts';
import { REGISTRY } from './steps/names.ts';

/** For those who keep the demo: how to reach it from another terminal, and commands that show something. */
export function describeWhatToTry(cluster: Cluster, { replica }: Installation): string {
  const settings = Object.entries(kubectlEnvironment(cluster, '$PATH')).map(
    ([name, value]) => `  export ${name}=${value}`,
  );
  return `
The demo stays up until Ctrl-C; then all of it is gone. In another terminal:

${settings.join('\n')}

and then, for example:

  kubectl run mine -n shop --image=${REGISTRY}/any/thing -o jsonpath='{.spec.imagePullSecrets}'
  kubectl get secrets -A --field-selector metadata.name=pullkeeper
  kubectl delete secret pullkeeper -n shop     # it comes back
  kubectl get events -n shop                   # and here it says so
  kubectl annotate secret harbor -n pullkeeper-system --overwrite pullkeeper.dev/namespaces='*'
  kubectl run web2 -n blog --image=${REGISTRY}/shop/web:1.0 -o jsonpath='{.spec.imagePullSecrets}'
  curl -s ${replica.opsOrigin}/metrics | grep ^pullkeeper_
  tail -f ${replica.program.logFile}
`;
}
