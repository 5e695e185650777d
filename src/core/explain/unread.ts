import type { Finding } from './finding.ts';

/** Something that could not be read, and who could. */
export type Unread = Finding<'forbidden' | 'failed' | 'offline'> & { readonly what: string };

/** What an explanation asks for, and whom to ask where the caller may not. */
export const readable = {
  sources: (namespace: string): Readable => ({
    what: `the sources in namespace ${namespace}`,
    who: `an administrator of Pullkeeper (who may list Secrets there)`,
  }),
  namespace: (name: string): Readable => ({ what: `namespace ${name}`, who: 'who may get namespaces' }),
  secret: (namespace: string, name: string): Readable => ({
    what: `Secret ${namespace}/${name}`,
    who: `who may get Secrets in namespace ${namespace}`,
  }),
  account: (namespace: string, name: string): Readable => ({
    what: `ServiceAccount ${namespace}/${name}`,
    who: `who may get ServiceAccounts in namespace ${namespace}`,
  }),
  object: (kind: string, namespace: string, name: string): Readable => ({
    what: `${kind} ${namespace}/${name}`,
    who: `who may get ${kind}s in namespace ${namespace}`,
  }),
};

export interface Readable {
  readonly what: string;
  readonly who: string;
}

export const unread = {
  forbidden: ({ what, who }: Readable): Unread => ({
    what,
    code: 'forbidden',
    sentence: `could not read ${what}, for want of rights; ${who} can`,
  }),
  failed: ({ what }: Readable, why: string): Unread => ({
    what,
    code: 'failed',
    sentence: `could not read ${what}: ${why}`,
  }),
  offline: (): Unread => ({
    what: 'the cluster',
    code: 'offline',
    sentence:
      'no cluster was asked: the files given stand for sources that reach every namespace, and the namespace is taken for enabled',
  }),
};
