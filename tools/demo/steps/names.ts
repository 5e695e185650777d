/** What the steps have in common. The registry does not exist: no image is pulled, since there is no node. */
export const REGISTRY = 'harbor.example.com';
export const IMAGE = `${REGISTRY}/shop/web:1.0`;
export const USER = 'robot';
export const OLD_PASSWORD = 'old-s3cret';
export const NEW_PASSWORD = 'new-s3cret';

/** The command that shows a Pod's imagePullSecrets. */
export function showReference(namespace: string, pod: string): string {
  return `kubectl get pod ${pod} -n ${namespace} -o jsonpath='{.spec.imagePullSecrets}'`;
}

/** What {@link showReference} prints for a Pod that has the reference and no other. */
export const REFERENCE = '[{"name":"pullkeeper"}]';
