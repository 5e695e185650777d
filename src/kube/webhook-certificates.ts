import { isRecord } from '../core/json-value.ts';
import type { KubeClient, KubeRequest } from './client.ts';
import { isKubeError } from './kube-error.ts';
import { readObjectMeta } from './object-meta.ts';
import { NO_OBJECT } from './secrets.ts';

/** The name under which server-side apply knows our fields. */
const FIELD_MANAGER = 'pullkeeper';
const OWN_ANNOTATIONS = 'tls.pullkeeper.dev/';

/** The two kinds of webhook configuration, and where the API server keeps them. */
export const CONFIGURATION_KINDS = {
  mutating: { kind: 'MutatingWebhookConfiguration', path: apiPath('mutatingwebhookconfigurations') },
  validating: { kind: 'ValidatingWebhookConfiguration', path: apiPath('validatingwebhookconfigurations') },
} as const;
export type ConfigurationKind = keyof typeof CONFIGURATION_KINDS;

/** The certificates' Secret; `data` in base64. */
interface CertificateSecret {
  readonly data: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
}

interface StoredCertificateSecret extends CertificateSecret {
  readonly resourceVersion: string;
}

/** One webhook of a configuration; `caBundle` as PEM, empty when there is none. */
export interface WebhookTrust {
  readonly name: string;
  readonly caBundle: string;
}

interface StoredConfiguration {
  readonly kind: ConfigurationKind;
  readonly name: string;
  readonly resourceVersion: string;
  readonly webhooks: readonly WebhookTrust[];
}

type WriteResult = 'written' | 'conflict';

/** What the certificate rotation keeps in the cluster. Every read is a GET; everything but a conflict rejects (KubeError). */
export interface WebhookCertificates {
  /** Those of our name that exist. */
  readConfigurations(signal: AbortSignal): Promise<readonly StoredConfiguration[]>;
  readSecret(signal: AbortSignal): Promise<StoredCertificateSecret | undefined>;
  /** Replaces `data` and our annotations of the very Secret that was read; creates it when nothing was. */
  writeSecret(
    secret: CertificateSecret,
    read: StoredCertificateSecret | undefined,
    signal: AbortSignal,
  ): Promise<WriteResult>;
  /** Sets the caBundle of each webhook of the very configuration that was read, and no other field. */
  applyBundle(configuration: StoredConfiguration, bundlePem: string, signal: AbortSignal): Promise<WriteResult>;
}

export interface WebhookCertificatesOptions {
  readonly client: Pick<KubeClient, 'call'>;
  readonly namespace: string;
  readonly secretName: string;
  /** The name of both webhook configurations. */
  readonly configurationName: string;
}

export function createWebhookCertificates(options: WebhookCertificatesOptions): WebhookCertificates {
  const { client, namespace, secretName, configurationName } = options;
  const secretPath = `/api/v1/namespaces/${encodeURIComponent(namespace)}/secrets/${encodeURIComponent(secretName)}`;

  async function read(path: string, signal: AbortSignal): Promise<unknown> {
    try {
      return await client.call({ method: 'GET', path, signal });
    } catch (error) {
      if (isKubeError(error, 404)) return undefined;
      throw error;
    }
  }

  /** 404: what was read is gone, which is a conflict like any other. */
  async function write(request: KubeRequest): Promise<WriteResult> {
    try {
      await client.call(request);
      return 'written';
    } catch (error) {
      if (isKubeError(error, 409) || isKubeError(error, 404)) return 'conflict';
      throw error;
    }
  }

  /** By server-side apply, since RBAC judges that by the Secret's name, and a POST by none. */
  async function createSecret({ data, annotations }: CertificateSecret, signal: AbortSignal): Promise<WriteResult> {
    return write({
      method: 'PATCH',
      path: secretPath,
      query: { fieldManager: FIELD_MANAGER },
      contentType: 'application/apply-patch+yaml',
      body: {
        apiVersion: 'v1',
        kind: 'Secret',
        metadata: { name: secretName, namespace, annotations, resourceVersion: NO_OBJECT },
        type: 'Opaque',
        data,
      },
      signal,
    });
  }

  /** By merge patch: type, labels and other people's annotations stay; what is null goes. */
  async function replaceContent(
    { data, annotations }: CertificateSecret,
    read: StoredCertificateSecret,
    signal: AbortSignal,
  ): Promise<WriteResult> {
    const ownAnnotations = Object.keys(read.annotations).filter((name) => name.startsWith(OWN_ANNOTATIONS));
    return write({
      method: 'PATCH',
      path: secretPath,
      query: { fieldManager: FIELD_MANAGER },
      contentType: 'application/merge-patch+json',
      body: {
        metadata: {
          resourceVersion: read.resourceVersion,
          annotations: { ...toNulls(ownAnnotations), ...annotations },
        },
        data: { ...toNulls(Object.keys(read.data)), ...data },
      },
      signal,
    });
  }

  return {
    readConfigurations: async (signal) => {
      const found: StoredConfiguration[] = [];
      for (const kind of ['mutating', 'validating'] as const) {
        const path = `${CONFIGURATION_KINDS[kind].path}/${encodeURIComponent(configurationName)}`;
        const object = await read(path, signal);
        if (object === undefined) continue;
        const { name, resourceVersion } = readObjectMeta(object);
        found.push({ kind, name, resourceVersion, webhooks: readWebhookTrust(object) });
      }
      return found;
    },
    readSecret: async (signal) => {
      const object = await read(secretPath, signal);
      if (object === undefined) return undefined;
      const { annotations, resourceVersion } = readObjectMeta(object);
      return { data: readSecretData(object), annotations, resourceVersion };
    },
    writeSecret: async (secret, read, signal) =>
      read === undefined ? createSecret(secret, signal) : replaceContent(secret, read, signal),
    applyBundle: async ({ kind, name, resourceVersion, webhooks }, bundlePem, signal) => {
      const caBundle = Buffer.from(bundlePem).toString('base64');
      return write({
        method: 'PATCH',
        path: `${CONFIGURATION_KINDS[kind].path}/${encodeURIComponent(name)}`,
        // With force: another may have owned the field before (cert-manager's injector).
        query: { fieldManager: FIELD_MANAGER, force: 'true' },
        contentType: 'application/apply-patch+yaml',
        body: {
          apiVersion: 'admissionregistration.k8s.io/v1',
          kind: CONFIGURATION_KINDS[kind].kind,
          metadata: { name, resourceVersion },
          webhooks: webhooks.map((webhook) => ({ name: webhook.name, clientConfig: { caBundle } })),
        },
        signal,
      });
    },
  };
}

/** Every webhook of a configuration, with the CAs that API servers trust it by. */
export function readWebhookTrust(configuration: unknown): readonly WebhookTrust[] {
  const webhooks = isRecord(configuration) && Array.isArray(configuration.webhooks) ? configuration.webhooks : [];
  return webhooks.flatMap((webhook: unknown) => {
    if (!isRecord(webhook) || typeof webhook.name !== 'string') return [];
    const caBundle = isRecord(webhook.clientConfig) ? webhook.clientConfig.caBundle : undefined;
    const pem = typeof caBundle === 'string' ? Buffer.from(caBundle, 'base64').toString('utf8') : '';
    return [{ name: webhook.name, caBundle: pem }];
  });
}

/** A Secret's `data` as it goes over the wire, values in base64. */
export function readSecretData(secret: unknown): Readonly<Record<string, string>> {
  const data = isRecord(secret) && isRecord(secret.data) ? secret.data : {};
  return Object.fromEntries(
    Object.entries(data).filter((entry): entry is [string, string] => typeof entry[1] === 'string'),
  );
}

function toNulls(names: readonly string[]): Record<string, null> {
  return Object.fromEntries(names.map((name) => [name, null]));
}

function apiPath(resource: string): string {
  return `/apis/admissionregistration.k8s.io/v1/${resource}`;
}
