/** A Secret as the API sends it, as far as the demo looks at it. */
export interface SecretObject {
  readonly metadata: { readonly name: string; readonly namespace: string; readonly resourceVersion: string };
  readonly data?: Readonly<Record<string, string>>;
}

/** What a pull Secret holds: registry → `user:password`. */
export function readCredentials(secret: SecretObject): Readonly<Record<string, string>> {
  const config = JSON.parse(Buffer.from(secret.data?.['.dockerconfigjson'] ?? '', 'base64').toString() || '{}') as {
    auths?: Record<string, { username: string; password: string }>;
  };
  return Object.fromEntries(
    Object.entries(config.auths ?? {}).map(([registry, entry]) => [registry, `${entry.username}:${entry.password}`]),
  );
}

/** The forms in which a password could leave a program: plain, URL-encoded, and within base64 at each of its offsets. */
export function spellings(password: string): readonly string[] {
  const inBase64 = [0, 1, 2].map((offset) => {
    const text = Buffer.from(' '.repeat(offset) + password).toString('base64');
    // The first and the last characters of base64 depend on what stands around the password.
    return text.slice(offset === 0 ? 0 : offset + 1).replace(/.?=*$/, '');
  });
  return [...new Set([password, encodeURIComponent(password), ...inBase64])];
}
