/** Lines to paste into a shell. */
export function describeExports(variables: Readonly<Record<string, string>>): string {
  return Object.entries(variables)
    .map(([name, value]) => `  export ${name}=${value}`)
    .join('\n');
}
