/** Returns an equal text, the same string for all that are equal: thousands of objects that say the same keep it once. */
export type ShareText = (text: string) => string;

/**
 * @param most how many texts are remembered, and of how many characters in all. With one more all are forgotten: those that
 *   come from then on are shared among each other, and what only the past knew is not held for ever.
 */
export function createTextPool(most: { readonly texts: number; readonly characters: number }): ShareText {
  const texts = new Map<string, string>();
  let characters = 0;
  return (text) => {
    const known = texts.get(text);
    if (known !== undefined) return known;
    if (texts.size >= most.texts || characters + text.length > most.characters) {
      texts.clear();
      characters = 0;
    }
    texts.set(text, text);
    characters += text.length;
    return text;
  };
}
