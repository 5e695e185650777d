// Docker Hub's place in the lookup (k8s.io/kubernetes/pkg/credentialprovider, `isDefaultRegistryMatch`).

/** The only key that the kubelet falls back to for images of Docker Hub. */
export const HUB_FALLBACK_KEY = 'index.docker.io';

/** The host that Docker Hub's images are looked up under. */
export const HUB_HOST = 'docker.io';

/** Tells whether the kubelet falls back to Docker Hub's key for this repository name when no key matches it. */
export function isDefaultRegistry(name: string): boolean {
  const slash = name.indexOf('/');
  const first = slash < 0 ? name : name.slice(0, slash);
  if (first === '') return false;
  if (slash < 0 || first === HUB_HOST || first === HUB_FALLBACK_KEY) return true;
  return !first.includes('.') && !first.includes(':');
}
