/** Every PEM block of one label in a text, in order, each with its BEGIN and END lines; what stands around them is left out. */
export function splitPem(text: string, label: 'CERTIFICATE'): readonly string[] {
  return text.match(new RegExp(`-----BEGIN ${label}-----[^-]*-----END ${label}-----`, 'g')) ?? [];
}
