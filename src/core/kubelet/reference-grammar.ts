// The grammar of image references (distribution/reference v0.6.0, `regexp.go`), one function for each production.

/** `name = [host [":" digits] "/"] component {"/" component}` */
export function isName(name: string): boolean {
  const slash = name.indexOf('/');
  if (slash >= 0 && isDomain(name.slice(0, slash)) && isPath(name.slice(slash + 1))) return true;
  // A first component with a dot and an underscore is no host, but still a component of a path.
  return isPath(name);
}

/** Characters of the path: what follows the host, or everything where the first component is no host. */
export function pathLength(name: string): number {
  const slash = name.indexOf('/');
  return slash >= 0 && isDomain(name.slice(0, slash)) ? name.length - slash - 1 : name.length;
}

/** `tag = [A-Za-z0-9_][A-Za-z0-9_.-]{0,127}` */
export function isTag(tag: string): boolean {
  return /^[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}$/.test(tag);
}

/** Of all that the grammar calls a digest, only these three algorithms are available, in lower case. */
export function isDigest(digest: string): boolean {
  const colon = digest.indexOf(':');
  const length = HEX_LENGTHS.get(digest.slice(0, Math.max(colon, 0)));
  const hex = digest.slice(colon + 1);
  return length === hex.length && /^[a-f0-9]+$/.test(hex);
}

const HEX_LENGTHS: ReadonlyMap<string, number> = new Map([
  ['sha256', 64],
  ['sha384', 96],
  ['sha512', 128],
]);

/** `host [":" digits]` */
function isDomain(domain: string): boolean {
  const close = domain.startsWith('[') ? domain.indexOf(']') : -1;
  const colon = domain.indexOf(':', close + 1);
  const host = colon < 0 ? domain : domain.slice(0, colon);
  const port = colon < 0 ? undefined : domain.slice(colon + 1);
  return isHost(host) && (port === undefined || /^[0-9]+$/.test(port));
}

/** `host = label {"." label} | "[" one or more of hex digits and ":" "]"` */
function isHost(host: string): boolean {
  return /^\[[a-fA-F0-9:]+\]$/.test(host) || host.split('.').every(isLabel);
}

/** `label = [A-Za-z0-9] or [A-Za-z0-9][A-Za-z0-9-]*[A-Za-z0-9]` */
function isLabel(label: string): boolean {
  return /^[A-Za-z0-9-]+$/.test(label) && !label.startsWith('-') && !label.endsWith('-');
}

function isPath(path: string): boolean {
  return path.split('/').every(isComponent);
}

/** `component = [a-z0-9]+ { ("." | "_" | "__" | "-"+) [a-z0-9]+ }` */
function isComponent(component: string): boolean {
  const words = component.split(/\.|__|_|-+/);
  return words.every((word) => /^[a-z0-9]+$/.test(word));
}
