// Control characters (C0 except tab and line feed, DEL, C1) and characters that change the direction of text.
const steering = /[^\P{Cc}\t\n]|[\u061C\u200E\u200F\u202A-\u202E\u2028\u2029\u2066-\u2069]/gu

/** Escapes untrusted text for display: control characters are written as `\uXXXX`, which JSON parsers read back. */
export function printable(text: string): string {
  return text.replaceAll(
    steering,
    (character) => String.raw`\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
}
