/** The two types of pull Secret that the kubelet reads, each with its data key. */
export interface SecretFormat {
  readonly type: 'kubernetes.io/dockerconfigjson' | 'kubernetes.io/dockercfg';
  readonly dataKey: '.dockerconfigjson' | '.dockercfg';
  /** What to write, for people. */
  readonly example: string;
}

export const DOCKER_CONFIG_JSON: SecretFormat = {
  type: 'kubernetes.io/dockerconfigjson',
  dataKey: '.dockerconfigjson',
  example: '{"auths":{"HOST":{"username":…,"password":…}}}',
};

export const DOCKERCFG: SecretFormat = {
  type: 'kubernetes.io/dockercfg',
  dataKey: '.dockercfg',
  example: '{"HOST":{"username":…,"password":…}}',
};

/** The format of a Secret of this type, or undefined when the kubelet takes no credential from such a Secret. */
export function secretFormat(type: string): SecretFormat | undefined {
  return [DOCKER_CONFIG_JSON, DOCKERCFG].find((format) => format.type === type);
}
