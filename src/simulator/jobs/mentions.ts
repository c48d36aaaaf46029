import { accepted } from './vendor-error.ts'
import type { Verdict } from './vendor-error.ts'
import type { Vendor } from './vendor.ts'

/**
 * `@amber.finch`, `@ch_6a11` or `@sky_ranger` at the start of a word; a full stop after it belongs to the sentence.
 * Braces are only used in documentation and have no meaning for a vendor
 * (docs/vendors/resellers.md#mentions-of-characters). E-mail addresses are not mentions.
 */
const mention = /(?<![\w.@%+-])@([a-z0-9_]+(?:\.[a-z0-9_]+)*)/gi
/** Can only be a character: a username with a dot, or an id. */
const unmistakable = /\.|^(?:ch|char|asset)_/i

/**
 * The characters that a prompt mentions, each once and as written. Depending on the upstream, an unknown one is a 400
 * or plain text.
 */
export function mentionedIn(prompt: string, { upstream, characters }: Vendor): Verdict<string[]> {
  const written = [...new Set(Array.from(prompt.matchAll(mention), ([, name = '']) => name))]
  const isStrict = upstream.characters && upstream.unknownHandles !== 'text'
  const names = written.filter(
    (name) => characters.find(name) !== undefined || (isStrict && unmistakable.test(name)),
  )
  const cast = characters.admit(names)
  return cast.ok ? accepted(names) : cast
}
