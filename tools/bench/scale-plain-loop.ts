import { createHash } from 'node:crypto';
import {
  HASH_ANNOTATION,
  MANAGED_DATA_KEY,
  MANAGED_LABEL,
  MANAGED_TYPE,
} from '../../src/core/secret/managed-secret.ts';
import { forEach, type PlainApi } from './scale-api.ts';
import { CONCURRENCY, MANAGED, PLAIN, secretPath } from './scale-world.ts';

/**
 * The same server-side apply bodies as the product's, but for the Secret's name, written by nothing but a loop: to a Secret
 * that is there with its uid and resourceVersion, as the product does.
 */
export interface PlainLoop {
  /** Applies one namespace's Secret; `round` is in the password, so every round is another content. */
  write(namespace: string, round: string): Promise<void>;
  /** Applies all of them. */
  writeAll(namespaces: readonly string[], round: string): Promise<void>;
}

interface SecretAnswer {
  readonly metadata: {
    readonly uid: string;
    readonly resourceVersion: string;
    readonly annotations: Readonly<Record<string, string>>;
  };
  readonly data: Readonly<Record<string, string>>;
}

/** @param model the namespace whose managed Secret the bodies are made like */
export async function createPlainLoop(api: PlainApi, model: string): Promise<PlainLoop> {
  const { metadata, data } = (await api.send('GET', secretPath(model, MANAGED))) as SecretAnswer;
  const config = Buffer.from(data[MANAGED_DATA_KEY] ?? '', 'base64').toString();
  const written = new Map<string, { readonly uid: string; readonly resourceVersion: string }>();
  let content = { round: '', hash: '', data: '' };

  function contentOf(round: string): typeof content {
    if (content.round !== round) {
      const text = changePasswords(config, round);
      const hash = createHash('sha256').update(text).digest('hex');
      content = { round, hash, data: Buffer.from(text).toString('base64') };
    }
    return content;
  }

  async function write(namespace: string, round: string): Promise<void> {
    const { hash, data: encoded } = contentOf(round);
    const answer = (await api.apply(secretPath(namespace, PLAIN), {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: {
        name: PLAIN,
        namespace,
        labels: { [MANAGED_LABEL]: 'true' },
        annotations: { ...metadata.annotations, [HASH_ANNOTATION]: hash },
        ...written.get(namespace),
      },
      type: MANAGED_TYPE,
      data: { [MANAGED_DATA_KEY]: encoded },
    })) as SecretAnswer;
    written.set(namespace, { uid: answer.metadata.uid, resourceVersion: answer.metadata.resourceVersion });
  }

  return {
    write,
    writeAll: (namespaces, round) => forEach(namespaces, CONCURRENCY, (namespace) => write(namespace, round)),
  };
}

/** The same length for every round: passwords are those of `putSource`. */
function changePasswords(dockerConfig: string, password: string): string {
  const config = JSON.parse(dockerConfig) as { auths: Record<string, { username: string }> };
  const auths = Object.entries(config.auths).map(([registry, { username }]) => [
    registry,
    { username, password, auth: Buffer.from(`${username}:${password}`).toString('base64') },
  ]);
  return JSON.stringify({ auths: Object.fromEntries(auths) });
}
