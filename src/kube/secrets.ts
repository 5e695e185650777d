import { isRecord } from '../core/json-value.ts';
import {
  HASH_ANNOTATION,
  HASH_SEPARATOR,
  MANAGED_DATA_KEY,
  MANAGED_LABEL,
  MANAGED_TYPE,
  SOURCES_ANNOTATION,
  type DesiredContent,
  type LiveSecret,
} from '../core/secret/managed-secret.ts';
import { registryOf } from '../core/sources/docker-hub.ts';
import type { KubeClient } from './client.ts';
import { isKubeError } from './kube-error.ts';
import { readObjectMeta, type ObjectMeta } from './object-meta.ts';
import { readSourceSecret } from './sources.ts';
import type { ShareText } from './text-pool.ts';

/** The name under which server-side apply knows our fields. */
const FIELD_MANAGER = 'pullkeeper';

/**
 * To warn of fields that are there twice, the API server parses an apply a second time, as YAML: 5 % of all that it does for
 * one. JSON.stringify writes none twice.
 */
const FIELDS = { fieldManager: FIELD_MANAGER, fieldValidation: 'Ignore' };

/**
 * A resourceVersion that no object has: etcd's first write has revision 2. An apply that creates does not look at it; one
 * that meets an object answers 409. Without it, an apply takes over what has no value other than ours: a Secret of somebody
 * else with the same content, or ours with newer content.
 */
export const NO_OBJECT = '1';

/** A managed Secret with what it holds. */
export interface HeldSecret {
  readonly secret: LiveSecret;
  /** The credential under a registry, as normalised; undefined when there is none. */
  find(key: string): { readonly username: string; readonly password: string } | undefined;
}

/** The managed Secret of one namespace, on the API server. Every method rejects with KubeError, as the client does. */
export interface ManagedSecrets {
  /** Undefined when there is none; so is readEntries. */
  readEntries(namespace: string, call?: CallOptions): Promise<HeldSecret | undefined>;
  get(namespace: string, call?: CallOptions): Promise<LiveSecret | undefined>;
  /** Server-side apply of what is not there; 409 where the name is taken, by whomever. */
  create(namespace: string, content: DesiredContent, call?: CallOptions): Promise<LiveSecret>;
  /** Server-side apply over the very Secret that was seen; 409 when it has changed since. Others' data keys are removed. */
  update(namespace: string, content: DesiredContent, seen: LiveSecret, call?: CallOptions): Promise<LiveSecret>;
  /** Deletes the very Secret that was seen; 409 when it is another one, or has changed since. */
  delete(namespace: string, seen: LiveSecret, call?: CallOptions): Promise<void>;
}

export interface CallOptions {
  readonly timeoutMs?: number;
  readonly slowAfterMs?: number;
  readonly signal?: AbortSignal;
}

export function createManagedSecrets(
  client: Pick<KubeClient, 'call'>,
  secretName: string,
  sha256: (content: string | Uint8Array) => string,
): ManagedSecrets {
  const hashOf = rememberHash(sha256);
  const path = (namespace: string): string =>
    `/api/v1/namespaces/${encodeURIComponent(namespace)}/secrets/${encodeURIComponent(secretName)}`;

  async function apply(
    namespace: string,
    content: DesiredContent,
    seen: LiveSecret | undefined,
    call: CallOptions | undefined,
  ): Promise<LiveSecret> {
    const others = seen?.otherKeys;
    // An apply leaves alone what others have applied or added.
    const way =
      others === undefined
        ? // With force, what somebody else wrote into our fields is ours again; only over a Secret that was seen to be ours.
          { contentType: 'application/apply-patch+yaml', query: seen === undefined ? {} : { force: 'true' } }
        : { contentType: 'application/merge-patch+json', query: {} };
    const answer = await client.call({
      method: 'PATCH',
      path: path(namespace),
      contentType: way.contentType,
      query: { ...FIELDS, ...way.query },
      body: {
        apiVersion: 'v1',
        kind: 'Secret',
        metadata: {
          name: secretName,
          namespace,
          labels: { [MANAGED_LABEL]: 'true' },
          annotations: { [HASH_ANNOTATION]: content.hash, [SOURCES_ANNOTATION]: content.sources },
          ...(seen === undefined
            ? { resourceVersion: NO_OBJECT }
            : { uid: seen.uid, resourceVersion: seen.resourceVersion }),
        },
        type: MANAGED_TYPE,
        data: {
          ...Object.fromEntries((others ?? []).map((key) => [key, null])),
          [MANAGED_DATA_KEY]: Buffer.from(content.dockerConfig).toString('base64'),
        },
      },
      ...call,
    });
    return readLiveSecret(answer, readObjectMeta(answer), hashOf);
  }

  async function read<T>(
    namespace: string,
    call: CallOptions | undefined,
    decode: (object: unknown, meta: ObjectMeta) => T,
  ): Promise<T | undefined> {
    try {
      const answer = await client.call({ method: 'GET', path: path(namespace), ...call });
      return decode(answer, readObjectMeta(answer));
    } catch (error) {
      if (isKubeError(error, 404)) return undefined;
      throw error;
    }
  }

  return {
    get: (namespace, call) => read(namespace, call, (object, meta) => readLiveSecret(object, meta, hashOf)),
    readEntries: (namespace, call) =>
      read(namespace, call, (object, meta) => {
        const entries = new Map(readSourceSecret(object, meta).entries.map((entry) => [registryOf(entry.key), entry]));
        return { secret: readLiveSecret(object, meta, hashOf), find: (key) => entries.get(registryOf(key)) };
      }),
    create: (namespace, content, call) => apply(namespace, content, undefined, call),
    update: apply,
    delete: async (namespace, seen, call) => {
      await client.call({
        method: 'DELETE',
        path: path(namespace),
        body: {
          apiVersion: 'v1',
          kind: 'DeleteOptions',
          preconditions: { uid: seen.uid, resourceVersion: seen.resourceVersion },
        },
        ...call,
      });
    },
  };
}

/** The digest of what a Secret's value, in base64, stands for, together with what it says of its sources. */
export type HashOfData = (base64: string, sources: string) => string;

/** One rotation brings thousands of Secrets in a row that hold the same: the last digest is remembered. */
export function rememberHash(sha256: (content: Uint8Array) => string): HashOfData {
  let last: { readonly base64: string; readonly sources: string; readonly hash: string } | undefined;
  return (base64, sources) => {
    if (last?.base64 !== base64 || last.sources !== sources) {
      const content = [Buffer.from(`${sources}${HASH_SEPARATOR}`), Buffer.from(base64, 'base64')];
      last = { base64, sources, hash: sha256(Buffer.concat(content)) };
    }
    return last.hash;
  };
}

/**
 * What is kept of a Secret that bears the managed Secret's name: hashes, no content. What it says of its sources counts only
 * where its hash is right.
 *
 * @param share for those that are kept by the thousand: most of them say the same
 */
export function readLiveSecret(
  object: unknown,
  meta: ObjectMeta,
  hashOf: HashOfData,
  share: ShareText = (text) => text,
): LiveSecret {
  const secret = isRecord(object) ? object : {};
  const common = {
    uid: meta.uid,
    resourceVersion: meta.resourceVersion,
    immutable: secret.immutable === true,
    deleting: meta.deleting,
  };
  if (meta.labels[MANAGED_LABEL] !== 'true') return { ...FOREIGN, ...common };
  const { [MANAGED_DATA_KEY]: data, ...others } = isRecord(secret.data) ? secret.data : {};
  const otherKeys = Object.keys(others).slice(0, MOST_OTHER_KEYS);
  const sources = meta.annotations[SOURCES_ANNOTATION];
  const shareIfShort = (text: string): string => (text.length > LONGEST ? TOO_LONG : share(text));
  const contentHash = typeof data === 'string' ? share(hashOf(data, sources ?? '')) : undefined;
  const hash = meta.annotations[HASH_ANNOTATION];
  return {
    ...common,
    owned: true,
    type: typeof secret.type === 'string' ? shareIfShort(secret.type) : '',
    contentHash,
    hashAnnotation: hash === undefined ? undefined : shareIfShort(hash),
    sourcesAnnotation: sources === undefined || contentHash !== hash ? undefined : share(sources),
    ...(otherKeys.length === 0 ? {} : { otherKeys }),
  };
}

// Whoever may write a Secret can give it our name, and our label: what is kept of it must not be as large as they like.

/** Of somebody else's Secret, nothing counts but whose it is. */
const FOREIGN = {
  owned: false,
  type: '',
  contentHash: undefined,
  hashAnnotation: undefined,
  sourcesAnnotation: undefined,
} as const;
/** Of a type or a hash of ours: what is longer is neither. */
const LONGEST = 253;
const TOO_LONG = 'too long';
/** So many are removed at once; those that are left make the Secret an edited one again. */
const MOST_OTHER_KEYS = 1000;
