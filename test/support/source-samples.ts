import { readSource, type Source } from '../../src/core/sources/source.ts';

export interface SampleSource {
  readonly namespaces?: string;
  readonly selector?: string;
  /** Registry → password; the user is `u`. An entry without a password is one that is refused. */
  readonly registries?: Readonly<Record<string, string | undefined>>;
  /** Instead of the registries: what is no docker config at all. */
  readonly nonsense?: true;
}

/** A source as it would be read from its Secret. */
export function sampleSource(name: string, { namespaces, selector, registries = {}, nonsense }: SampleSource): Source {
  const auths = Object.fromEntries(
    Object.entries(registries).map(([registry, password]) => [
      registry,
      password === undefined ? { auth: '!' } : { username: 'u', password },
    ]),
  );
  const text = nonsense === true ? 'nonsense' : JSON.stringify({ auths });
  return readSource({
    name,
    type: 'kubernetes.io/dockerconfigjson',
    annotations: {
      ...(namespaces === undefined ? {} : { 'pullkeeper.dev/namespaces': namespaces }),
      ...(selector === undefined ? {} : { 'pullkeeper.dev/namespace-selector': selector }),
    },
    data: { '.dockerconfigjson': new TextEncoder().encode(text) },
  });
}
