import { isRecord } from '../json-value.ts';
import { displayText } from '../sources/display.ts';
import type { PodImage } from './facts.ts';

/**
 * The images of a Pod or a Pod template, each once, with what uses them and, for a Pod that is there, why the kubelet
 * waits with them. The same images in the same order as `PodView.images`.
 */
export function readPodImages(pod: unknown): readonly PodImage[] {
  const spec = isRecord(pod) && isRecord(pod.spec) ? pod.spec : {};
  const status = isRecord(pod) && isRecord(pod.status) ? pod.status : {};
  const images = new Map<string, { usedBy: string[]; waiting: string | undefined }>();
  const add = (image: unknown, what: string, name: string, waiting: string | undefined): void => {
    if (typeof image !== 'string' || image === '') return;
    const known = images.get(image) ?? { usedBy: [], waiting: undefined };
    if (name !== '') known.usedBy.push(`${what} ${name}`);
    known.waiting ??= waiting;
    images.set(image, known);
  };
  for (const { field, statusField, what } of CONTAINER_LISTS) {
    const waiting = readWaiting(status[statusField]);
    for (const { name, image } of readNamed(spec[field])) add(image, what, name, waiting.get(name));
  }
  for (const volume of readNamed(spec.volumes)) {
    add(isRecord(volume.object.image) ? volume.object.image.reference : undefined, 'volume', volume.name, undefined);
  }
  return [...images].map(([image, use]) => ({ image, ...use }));
}

const CONTAINER_LISTS = [
  { field: 'initContainers', statusField: 'initContainerStatuses', what: 'init container' },
  { field: 'containers', statusField: 'containerStatuses', what: 'container' },
  { field: 'ephemeralContainers', statusField: 'ephemeralContainerStatuses', what: 'ephemeral container' },
] as const;

function readNamed(
  list: unknown,
): readonly { readonly name: string; readonly image: unknown; readonly object: Readonly<Record<string, unknown>> }[] {
  if (!Array.isArray(list)) return [];
  return list.filter(isRecord).map((object) => ({
    name: typeof object.name === 'string' ? displayText(object.name) : '',
    image: object.image,
    object,
  }));
}

/** Reasons by container name; those of other waits than for an image say nothing here. */
function readWaiting(statuses: unknown): ReadonlyMap<string, string> {
  const reasons = new Map<string, string>();
  if (!Array.isArray(statuses)) return reasons;
  for (const status of statuses.filter(isRecord)) {
    const waiting = isRecord(status.state) && isRecord(status.state.waiting) ? status.state.waiting : {};
    if (typeof status.name === 'string' && typeof waiting.reason === 'string' && IMAGE_REASONS.has(waiting.reason)) {
      reasons.set(status.name, waiting.reason);
    }
  }
  return reasons;
}

/** k8s.io/kubernetes/pkg/kubelet/images/types.go and the CRI's own. */
const IMAGE_REASONS: ReadonlySet<string> = new Set([
  'ErrImagePull',
  'ImagePullBackOff',
  'ErrImageNeverPull',
  'ErrInvalidImageName',
  'InvalidImageName',
  'ImageInspectError',
  'RegistryUnavailable',
  'SignatureValidationFailed',
]);
