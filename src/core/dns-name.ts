/** A DNS label as Kubernetes takes it for a name (RFC 1123): lower-case letters, digits and `-`, 63 at most. */
export function isDnsLabel(text: string): boolean {
  return text.length <= 63 && isLabel(text);
}

/**
 * A DNS subdomain: labels with dots between, 253 characters at most. Kubernetes does not ask of these labels that they be
 * no longer than 63.
 */
export function isDnsSubdomain(text: string): boolean {
  return text.length <= 253 && text.split('.').every(isLabel);
}

function isLabel(text: string): boolean {
  return /^[a-z0-9-]+$/.test(text) && !text.startsWith('-') && !text.endsWith('-');
}
