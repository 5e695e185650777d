import { USER } from './names.ts';

/** The other private registry. It asks for the password itself, where Harbor hands out tokens for it. */
export const SECOND_REGISTRY = 'registry.example.com';

export const ACCOUNTS = { harbor: USER, registry: 'puller' } as const;

/** What the registries hold. Each is an image of its own: what the node has pulled once, it need not pull again. */
export const REPOSITORIES = {
  harbor: ['shop/web:1.0', 'shop/api:1.0', 'shop/next:1.0'],
  registry: ['shop/metrics:1.0'],
} as const;

/** As Pods name it, `redis:8`. */
export const PUBLIC_IMAGE = 'docker.io/library/redis:8';
