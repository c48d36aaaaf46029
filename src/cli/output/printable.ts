// Controls of a terminal (C0 but tab and line feed, DEL, C1) and those that turn the direction of text.
const steering = /[^\P{Cc}\t\n]|[\u061C\u200E\u200F\u202A-\u202E\u2028\u2029\u2066-\u2069]/gu

/** Text from elsewhere as it may be shown: what would steer a terminal is written as `\uXXXX`, which JSON reads back. */
export function printable(text: string): string {
  return text.replaceAll(
    steering,
    (character) => String.raw`\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
}
