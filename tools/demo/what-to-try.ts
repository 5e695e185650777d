import { describeExports } from '../cluster/shell-exports.ts';
import type { Installation } from '../installation/installation.ts';
import type { Play, Stage } from './stage.ts';
import { REGISTRY } from './steps/names.ts';

/** For those who keep the demo: how to reach it from another terminal, and commands that show something. */
export function describeStaying({ settings }: Stage, { whatToTry }: Play): string {
  return `
The demo stays up until Ctrl-C; then all of it is gone. In another terminal:

${describeExports({ ...settings, PATH: `${settings['PATH']}:$PATH` })}

and then, for example:

${whatToTry}`;
}

export function describeWhatToTry({ replica }: Installation): string {
  return `\
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
