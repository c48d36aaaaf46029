/**
 * A text of a caller or a vendor in one line, for a page or a picture: without control characters, and without those that turn
 * the direction of what follows. What is longer than so many characters ends in an ellipsis.
 */
export function shownText(text: string, maxLength: number): string {
  const line = text
    .toWellFormed()
    .replaceAll(/\p{Bidi_Control}/gu, '')
    .replaceAll(/[\s\p{Cc}]+/gu, ' ')
    .trim()
  const characters = Array.from(line)
  return characters.length <= maxLength ? line : `${characters.slice(0, maxLength - 1).join('')}…`
}
