/** Returns an equal text, the same string for all that are equal: thousands of objects that say the same keep it once. */
export type ShareText = (text: string) => string;

/**
 * @param limit how many texts are remembered. With one more all are forgotten: those that come from then on are shared
 *   among each other, and what only the past knew is not held for ever.
 */
export function createTextPool(limit: number): ShareText {
  const texts = new Map<string, string>();
  return (text) => {
    const known = texts.get(text);
    if (known !== undefined) return known;
    if (texts.size >= limit) texts.clear();
    texts.set(text, text);
    return text;
  };
}
