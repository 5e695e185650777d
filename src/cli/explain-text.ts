import type { Explanation, ImageExplanation, NearMiss, SubjectExplanation } from '../core/explain/explanation.ts';
import type { Step } from '../core/explain/step.ts';
import { fill, labelled, table } from './text-layout.ts';

/** The explanation as a person reads it in a terminal. */
export function renderExplanation({ subjects, unread }: Explanation): string {
  const sections = subjects.map(renderSubject);
  if (unread.length > 0) {
    sections.push(['NOT READ', ...unread.flatMap(({ sentence }) => fill(sentence, 2))]);
  }
  return `${sections.map((lines) => lines.map(printable).join('\n')).join('\n\n')}\n`;
}

function renderSubject(subject: SubjectExplanation): readonly string[] {
  const { title, namespace, managedSecret, pullSecrets, webhook, images, steps } = subject;
  return [
    `${title}, namespace ${namespace.name}`,
    ...labelled('Namespace', namespace.sentence, 2),
    ...labelled('Managed Secret', `${managedSecret.name}: ${managedSecret.sentence}`, 2),
    ...labelled('Pull Secrets', describeList(subject), 2),
    ...table(
      ['#', 'SECRET', 'FROM', 'WHAT IT HOLDS'],
      pullSecrets.map(({ name, from, sentence }, index) => [String(index + 1), name, from, sentence]),
      2,
    ),
    ...labelled('Webhook', `${describeAction(webhook)}: ${webhook.sentence}`, 2),
    ...images.flatMap((image) => ['', ...renderImage(image)]),
    ...(steps.length === 0 ? [] : ['', '  WHAT HELPS', ...steps.flatMap(renderStep)]),
  ];
}

function describeAction({ action, code }: SubjectExplanation['webhook']): string {
  return action === 'unknown' ? 'not known' : `${action} (${code})`;
}

function describeList({ pullSecrets: { length }, images }: SubjectExplanation): string {
  if (length === 0) return images.some(({ outcome }) => outcome.code === 'unknown') ? 'none that is known' : 'none';
  return length === 1 ? 'one' : `${length}, in this order, as one keyring`;
}

function renderImage(image: ImageExplanation): readonly string[] {
  const { reading, outcome, credentials, afterRestart } = image;
  const uses = [...image.usedBy, ...(image.waiting === null ? [] : [image.waiting])];
  return [
    `  IMAGE ${image.image.trim() === image.image ? image.image : JSON.stringify(image.image)}${uses.length === 0 ? '' : ` (${uses.join(', ')})`}`,
    ...(reading.kind === 'valid'
      ? [
          ...labelled('Read as', `${reading.repository} at registry ${reading.registry}`, 4),
          ...reading.notes.flatMap(({ sentence }) => labelled('', sentence, 4)),
        ]
      : []),
    ...labelled('Kubelet', outcome.sentence, 4),
    ...(credentials.length < 2
      ? []
      : table(
          ['#', 'KEY', 'SECRET', 'SOURCE'],
          credentials.map(({ key, secret, source }, index) => [String(index + 1), key, secret, source ?? '-']),
          4,
        )),
    ...renderOffer(image),
    ...(afterRestart === null ? [] : labelled('After restart', afterRestart.sentence, 4)),
    ...renderNear(image.nearMisses),
  ];
}

/** What Pullkeeper has is news only where the kubelet does not use it. */
function renderOffer({ reading, offered, credentials, inManagedSecret }: ImageExplanation): readonly string[] {
  if (reading.kind === 'invalid' || credentials.some(({ source }) => source !== null)) return [];
  if (offered === null) return labelled('Pullkeeper', 'what it has for this namespace could not be read', 4);
  if (offered.length === 0) {
    return credentials.length > 0 ? [] : labelled('Pullkeeper', 'has no credential for it in this namespace', 4);
  }
  const keys = offered.map(({ key, source }) => `${key}${source === null ? '' : ` of source ${source}`}`);
  const inSecret =
    inManagedSecret === null ? '' : inManagedSecret ? '; the managed Secret holds it' : '; the managed Secret lacks it';
  return labelled('Pullkeeper', `has ${keys.join(', then ')}${inSecret}`, 4);
}

/** More than a screen's worth is for `-o json`. */
const MOST_NEAR = 8;

function renderNear(misses: readonly NearMiss[]): readonly string[] {
  if (misses.length === 0) return [];
  const shown = misses.slice(0, MOST_NEAR);
  const more = misses.length - shown.length;
  return [
    ...labelled('Not these', '', 4),
    ...table(
      ['KEY', 'IN', 'WHY NOT'],
      shown.map(({ key, source, secret, reasons }) => [
        key ?? '(all)',
        source === null ? `Secret ${secret ?? ''}` : `source ${source}`,
        reasons.map(({ sentence }) => sentence).join('; '),
      ]),
      4,
    ),
    ...(more === 0 ? [] : labelled('', `and ${more} more, listed by -o json`, 4)),
  ];
}

function renderStep({ sentence, command }: Step, index: number): readonly string[] {
  return [...fill(sentence, 4, `${index + 1}. `), ...(command === undefined ? [] : [`         ${command}`])];
}

/** Images and names may be anything that somebody typed, and a terminal obeys control characters. */
function printable(line: string): string {
  return line.replaceAll(/[^\x20-\x7e\u2026]/gu, (character) => `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`);
}
