const UNIT_MS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };

/**
 * A flag's duration in ms, in Go's notation as in Kubernetes' own flags: numbers with units, one after the other. For any
 * other text a sentence is added to `problems`, and the result is 0.
 */
export function readDuration(flag: string, value: string, problems: string[]): number {
  const parts = [...value.matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h)/g)];
  if (value === '' || parts.map(([part]) => part).join('') !== value) {
    problems.push(`--${flag}: ${JSON.stringify(value)} is not a duration, as 500ms, 30s, 5m or 1h30m`);
    return 0;
  }
  return parts.reduce((sum, [, number, unit]) => sum + Number(number) * (UNIT_MS[unit ?? ''] ?? 0), 0);
}
