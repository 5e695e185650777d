// Base64 as the kubelet decodes an `auth` (k8s.io/kubernetes/pkg/credentialprovider, `decodeDockerConfigFieldAuth`) and as
// Pullkeeper encodes it. `atob` is another decoder: it drops spaces and tabs and does not care about padding.

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
const VALUES: ReadonlyMap<string, number> = new Map(ALPHABET.split('').map((character, value) => [character, value]));

/**
 * Decodes an `auth` value as the kubelet does: padded standard base64 when the text, spaces around it aside, ends in
 * "=", else unpadded standard base64; CR and LF are skipped anywhere. Undefined where the kubelet finds an error.
 */
export function decodeAuthBase64(text: string): Uint8Array<ArrayBuffer> | undefined {
  const digits = text.replaceAll(/[\r\n]/g, '');
  // The trim only decides between the two forms: a space that is left makes either an error.
  if (!text.trimEnd().endsWith('=')) return decodeDigits(digits);
  if (digits.length % 4 !== 0) return undefined;
  return decodeDigits(digits.endsWith('==') ? digits.slice(0, -2) : digits.slice(0, -1));
}

function decodeDigits(digits: string): Uint8Array<ArrayBuffer> | undefined {
  if (digits.length % 4 === 1) return undefined;
  const bytes = new Uint8Array(Math.floor((digits.length * 3) / 4));
  let bits = 0;
  let bitCount = 0;
  let length = 0;
  for (const digit of digits) {
    const value = VALUES.get(digit);
    if (value === undefined) return undefined;
    bits = ((bits << 6) | value) & 0xffff;
    bitCount += 6;
    if (bitCount < 8) continue;
    bitCount -= 8;
    bytes[length] = (bits >> bitCount) & 0xff;
    length += 1;
  }
  return bytes;
}

/** Padded standard base64. */
export function encodeBase64(bytes: Uint8Array): string {
  let text = '';
  for (let at = 0; at < bytes.length; at += 3) {
    const [first = 0, second = 0, third = 0] = bytes.subarray(at, at + 3);
    const bits = (first << 16) | (second << 8) | third;
    text += ALPHABET.charAt(bits >> 18) + ALPHABET.charAt((bits >> 12) & 63);
    text += at + 1 < bytes.length ? ALPHABET.charAt((bits >> 6) & 63) : '=';
    text += at + 2 < bytes.length ? ALPHABET.charAt(bits & 63) : '=';
  }
  return text;
}
