// What of a source's own text may be shown to people. A registry key can hold a pasted credential
// (`https://user:password@host`, `?token=…`), and a sentence with it may end up in Events and logs.

/** A Kubernetes admission warning holds 256 characters; what is quoted must leave room for the sentence. */
const LONGEST = 100;

const REDACTED = '[redacted]';

/**
 * A registry key as written, without what may be a credential: everything before the last "@", what follows "?" or
 * "#", and a port that is none (`user:password` without a host).
 */
export function displayKey(key: string): string {
  // What stands before a digest is a registry, not a user.
  const digest = /@sha(?:256|384|512):[0-9a-f]+$/.exec(key)?.[0] ?? '';
  return displayText(redact(key.slice(0, key.length - digest.length)) + digest);
}

function redact(key: string): string {
  // "@" first: a password may hold a "?".
  const at = key.lastIndexOf('@');
  const withoutUser = at < 0 ? key : REDACTED + key.slice(at);
  const mark = withoutUser.search(/[?#]/);
  const withoutQuery = mark < 0 ? withoutUser : withoutUser.slice(0, mark + 1) + REDACTED;
  const scheme = /^[A-Za-z][A-Za-z0-9+.-]*:\/\//.exec(withoutQuery)?.[0] ?? '';
  return scheme + redactPort(withoutQuery.slice(scheme.length));
}

/** Text from outside, fit for one line: other characters than printable ASCII as escapes, cut when it is long. */
export function displayText(text: string): string {
  const cut = text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text;
  return cut.replaceAll(/[^\x20-\x7e…]/gu, (character) => {
    const point = character.codePointAt(0) ?? 0;
    return `\\u{${point.toString(16)}}`;
  });
}

/** Without a dot, what stands before a port that is none is more likely a user name than a host. */
function redactPort(schemeless: string): string {
  if (schemeless.startsWith('[')) return schemeless;
  return schemeless.replace(/^([^/:]*):([^/]*)/, (whole, host: string, port: string) => {
    if (/^[0-9*]*$/.test(port)) return whole;
    return host.includes('.') ? `${host}:${REDACTED}` : REDACTED;
  });
}
