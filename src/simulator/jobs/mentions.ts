import { accepted } from './vendor-error.ts'
import type { Verdict } from './vendor-error.ts'
import type { Vendor } from './vendor.ts'

/**
 * `@amber.finch`, `@ch_6a11` or `@sky_ranger` at the beginning of a word; a full stop behind belongs to the sentence. Braces
 * are a documentation's way of writing and mean nothing to a vendor (docs/vendors/resellers.md#mentions-of-characters), nor
 * does an e-mail address.
 */
const mention = /(?<![\w.@%+-])@([a-z0-9_]+(?:\.[a-z0-9_]+)*)/gi
/** What can only be meant as a character: a username with its dot, or an id. */
const unmistakable = /\.|^(?:ch|char|asset)_/i

/** The characters that a prompt mentions, once each and as written; unknown ones are a 400 or text, as the upstream has it. */
export function mentionedIn(prompt: string, { upstream, characters }: Vendor): Verdict<string[]> {
  const written = [...new Set(Array.from(prompt.matchAll(mention), ([, name = '']) => name))]
  const isStrict = upstream.characters && upstream.unknownHandles !== 'text'
  const names = written.filter(
    (name) => characters.find(name) !== undefined || (isStrict && unmistakable.test(name)),
  )
  const cast = characters.admit(names)
  return cast.ok ? accepted(names) : cast
}
