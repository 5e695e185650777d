/** A credential that is nobody's, and the forms in which a program could let it out. */
export interface Canary {
  readonly username: string;
  readonly password: string;
  /** As docker writes it: base64 of `username:password`. */
  readonly auth: string;
  /** What of it stands in a text, as `password in base64`; empty when nothing does. */
  findIn(text: string): readonly string[];
}

export function createCanary(name: string): Canary {
  // Characters that URL encoding, JSON and base64 each write differently.
  const username = `${name}-user+7/Qz`;
  const password = `${name} p&ss/w"rd+9?Xv`;
  const auth = Buffer.from(`${username}:${password}`).toString('base64');
  const forms = Object.entries({ username, password, auth }).flatMap(([what, secret]) => describeForms(what, secret));
  return {
    username,
    password,
    auth,
    findIn: (text) => forms.filter(({ form }) => text.includes(form)).map(({ title }) => title),
  };
}

function describeForms(what: string, secret: string): { title: string; form: string }[] {
  const written: Readonly<Record<string, string>> = {
    'as it is': secret,
    'in JSON': inJson(secret),
    'in JSON in JSON': inJson(inJson(secret)),
    'URL-encoded': encodeURIComponent(secret),
    'form-encoded': new URLSearchParams([['', secret]]).toString().slice(1),
  };
  return Object.entries(written).flatMap(([how, text]) => [
    { title: `${what} ${how}`, form: text },
    { title: `${what} ${how} in hexadecimal`, form: Buffer.from(text).toString('hex') },
    ...[0, 1, 2].flatMap((offset) => [
      { title: `${what} ${how} in base64, ${offset} bytes in`, form: innerBase64(text, offset, 'base64') },
      { title: `${what} ${how} in base64url, ${offset} bytes in`, form: innerBase64(text, offset, 'base64url') },
    ]),
  ]);
}

function inJson(text: string): string {
  return JSON.stringify(text).slice(1, -1);
}

/** Base64 of what stands so many bytes into a group of three, without the characters that its neighbours have a part in. */
function innerBase64(secret: string, offset: number, encoding: 'base64' | 'base64url'): string {
  const bytes = Buffer.from(secret);
  const whole = bytes.length - ((bytes.length + offset) % 3);
  const text = Buffer.concat([Buffer.alloc(offset), bytes.subarray(0, whole)]).toString(encoding);
  return offset === 0 ? text : text.slice(4);
}
