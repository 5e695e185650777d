/** How a flow collection (`{…}`, `[…]`, JSON) is written around the place of an edit. */
export interface FlowStyle {
  /** JSON's quotes around names and values. */
  readonly quoted: boolean;
  /** Nothing behind ":" and ",", as machines write JSON. */
  readonly compact: boolean;
}

const FIELD = 'imagePullSecrets';

/** `- name: NAME`, an item of an indented list. */
export function blockReference(secretName: string): string {
  return `- name: ${plainOrQuoted(secretName)}`;
}

/** `imagePullSecrets:`, with the list to follow in the next line. */
export const BLOCK_FIELD = `${FIELD}:`;

/** `{name: NAME}` */
export function flowReference(secretName: string, style: FlowStyle): string {
  return `{${flowName(secretName, style)}}`;
}

/** `[{name: NAME}]` */
export function flowList(secretName: string, style: FlowStyle): string {
  return `[${flowReference(secretName, style)}]`;
}

/** `imagePullSecrets: [{name: NAME}]` */
export function flowField(secretName: string, style: FlowStyle): string {
  return `${fieldName(style)}${flowList(secretName, style)}`;
}

/** The lines of `flowReference`, the first of which stands behind `indent` already. */
export function spreadReference(secretName: string, style: FlowStyle, indent: Indent): string {
  const inner = indent.before + indent.unit;
  return `{${indent.lineBreak}${inner}${flowName(secretName, style)}${indent.lineBreak}${indent.before}}`;
}

/** The lines of `flowField`, the first of which stands behind `indent` already. */
export function spreadField(secretName: string, style: FlowStyle, indent: Indent): string {
  const inner = { ...indent, before: indent.before + indent.unit };
  const item = spreadReference(secretName, style, inner);
  return `${fieldName(style)}[${indent.lineBreak}${inner.before}${item}${indent.lineBreak}${indent.before}]`;
}

/** How lines are begun and ended. */
export interface Indent {
  /** Blanks before the line. */
  readonly before: string;
  /** What one level more adds. */
  readonly unit: string;
  readonly lineBreak: string;
}

function fieldName({ quoted, compact }: FlowStyle): string {
  return `${quoted ? `"${FIELD}"` : FIELD}:${compact ? '' : ' '}`;
}

function flowName(secretName: string, { quoted, compact }: FlowStyle): string {
  if (!quoted) return `name: ${plainOrQuoted(secretName)}`;
  return `"name":${compact ? '' : ' '}"${secretName}"`;
}

/**
 * A Secret's name (a DNS subdomain: it needs no escapes) as every reader takes it for a string: in quotes where YAML 1.1
 * or 1.2 sees something else in it, which is a number or date (digits first) or one of these words.
 */
function plainOrQuoted(name: string): string {
  const isPlain = /^[a-z]/.test(name) && !/^(?:y|yes|n|no|true|false|on|off|null)$/.test(name);
  return isPlain ? name : `"${name}"`;
}
