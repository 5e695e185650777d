import { isRecord } from '../json-value.ts';
import { readPullSecretNames } from './pull-secret-names.ts';

/** The parts of a Pod that a decision looks at, read without trust: the object may be anybody's. */
export interface PodView {
  readonly annotations: Readonly<Record<string, string>>;
  /** `default` where the Pod names none: the API server fills that in. */
  readonly serviceAccountName: string;
  /** Every image the kubelet may pull for it, in the Pod's order, each once. */
  readonly images: readonly string[];
  /** Whether `spec.imagePullSecrets` is there (an empty list is there; the API server drops it before us). */
  readonly hasPullSecretList: boolean;
  readonly pullSecretNames: readonly string[];
}

export type PodReading =
  { readonly kind: 'pod'; readonly pod: PodView } | { readonly kind: 'malformed'; readonly sentence: string };

/**
 * Reads a Pod out of an AdmissionReview's `request.object`. Never throws: what is not shaped like a Pod is told by where
 * it differs. Only what a patch or a lookup depends on is judged; all else is the API server's to judge.
 */
export function readPod(object: unknown): PodReading {
  if (!isRecord(object)) return malformed('request.object is not an object');
  if (!isRecord(object.spec)) return malformed('request.object.spec is not an object');
  const { spec } = object;
  const list = spec.imagePullSecrets ?? undefined;
  if (list !== undefined && !Array.isArray(list)) return malformed('spec.imagePullSecrets is not a list');
  return {
    kind: 'pod',
    pod: {
      annotations: readAnnotations(object.metadata),
      serviceAccountName: readAccountName(spec.serviceAccountName),
      images: collectImages(spec),
      hasPullSecretList: list !== undefined,
      pullSecretNames: readPullSecretNames(list),
    },
  };
}

function readAccountName(name: unknown): string {
  return typeof name === 'string' && name !== '' ? name : 'default';
}

/**
 * Init, regular and ephemeral containers and image volumes, as the kubelet pulls them.
 * An empty or missing image has nothing to pull and is left out.
 */
function collectImages(spec: Readonly<Record<string, unknown>>): readonly string[] {
  const images = new Set<string>();
  for (const field of ['initContainers', 'containers', 'ephemeralContainers']) {
    for (const container of readList(spec[field])) addImage(images, container.image);
  }
  for (const volume of readList(spec.volumes)) {
    if (isRecord(volume.image)) addImage(images, volume.image.reference);
  }
  return [...images];
}

function addImage(images: Set<string>, image: unknown): void {
  if (typeof image === 'string' && image !== '') images.add(image);
}

function readList(value: unknown): readonly Readonly<Record<string, unknown>>[] {
  return Array.isArray(value) ? value.filter(isRecord) : [];
}

function readAnnotations(metadata: unknown): Readonly<Record<string, string>> {
  const result: Record<string, string> = {};
  if (!isRecord(metadata) || !isRecord(metadata.annotations)) return result;
  for (const name of [INJECT, MIRROR]) {
    const value = metadata.annotations[name];
    if (typeof value === 'string') result[name] = value;
  }
  return result;
}

/** On a namespace (label) and on a Pod (annotation): who gets the reference. */
export const INJECT = 'pullkeeper.dev/inject';
/** The kubelet's mark on the API's copy of a static Pod (k8s.io/api/core/v1 MirrorPodAnnotationKey). */
export const MIRROR = 'kubernetes.io/config.mirror';

function malformed(sentence: string): PodReading {
  return { kind: 'malformed', sentence };
}
