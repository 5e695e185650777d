/** Section A.1: the two types of pull Secret, each with its data key. */
export interface SecretFormat {
  readonly type: 'kubernetes.io/dockerconfigjson' | 'kubernetes.io/dockercfg';
  readonly dataKey: '.dockerconfigjson' | '.dockercfg';
}

export const dockerConfigJson: SecretFormat = {
  type: 'kubernetes.io/dockerconfigjson',
  dataKey: '.dockerconfigjson',
};

export const dockercfg: SecretFormat = { type: 'kubernetes.io/dockercfg', dataKey: '.dockercfg' };

/** The format of a Secret of this type, or undefined when the kubelet takes no credential from such a Secret. */
export function secretFormat(type: string): SecretFormat | undefined {
  return [dockerConfigJson, dockercfg].find((format) => format.type === type);
}
