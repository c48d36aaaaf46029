/**
 * Names are letters of any script, digits and `_`, in NFKC. Scripts that put no space between words attach to a name of
 * another script without being a part of it: in `@coffee_girl在海边` the name ends before `在`. A name that starts in such a
 * script takes every letter that follows, so a space has to end it.
 */
const attaching = String.raw`\p{scx=Han}\p{scx=Hira}\p{scx=Kana}\p{scx=Hang}\p{scx=Thai}\p{scx=Laoo}\p{scx=Khmr}\p{scx=Mymr}`
const invisible = String.raw`\p{Default_Ignorable_Code_Point}`
const letter = String.raw`[\p{L}--[${invisible}]]`
const inner = String.raw`[[\p{L}\p{M}\p{Nd}_＿]--[${invisible}]]`

/** For regular expressions with the flag `v`. */
export const namePattern = String.raw`(?:(?=[${attaching}])${letter}${inner}*|(?![${attaching}])${letter}(?:(?![${attaching}])${inner})*)`

const wholeName = new RegExp(`^${namePattern}$`, 'v')
const longestName = 40

/** The one spelling of a name: compatibility forms (full-width letters) and cases are the same name. */
export function normalName(written: string): string {
  return written.normalize('NFKC').toLowerCase().normalize('NFKC')
}

/**
 * Letters of any script without upper case, digits and `_`, starting with a letter, at most 40 code points, in NFKC, and
 * not looking like one of our ids.
 */
export function isCharacterName(text: string): boolean {
  return (
    Array.from(text).length <= longestName &&
    text === normalName(text) &&
    wholeName.test(text) &&
    !text.startsWith('char_')
  )
}

/** The rule in words, after the name of a field. */
export const characterNameRule =
  'must be letters without upper case (of any script), digits and _, starting with a letter, at most 40, and not starting with char_'
