/** Of the part that is made from words; with number, separator and ending a name stays far below the 255 of file systems. */
const mostSlugBytes = 60

const graphemes = new Intl.Segmenter('und', { granularity: 'grapheme' })

export interface NamedScene {
  /** From 1; unique in its series. */
  number: number
  id: string
  prompt: string
  /** Without a dot. */
  extension: string
}

/**
 * The name of a scene's file, like `001-beach.mp4`: from the scene's id where the caller gave one, else from the prompt. The
 * number comes first, so that no two names of a series are the same in any case and none is a device of Windows.
 */
export function sceneFileName({ number, id, prompt, extension }: NamedScene): string {
  const given = id === String(number) ? '' : slugOf(id)
  const slug = given === '' ? slugOf(prompt) : given
  const counted = String(number).padStart(3, '0')
  return `${slug === '' ? counted : `${counted}-${slug}`}.${extension}`
}

/** Letters, marks and digits of any script in lower case, with hyphens in the place of all else; at most 60 bytes of UTF-8. */
export function slugOf(text: string): string {
  const words = text
    .normalize('NFKC')
    // Selectors of a variant and joiners that are marks: nobody sees them.
    .replaceAll(/[\p{M}&&\p{Default_Ignorable_Code_Point}]/gv, '')
    .toLowerCase()
    .normalize('NFKC')
    .replaceAll(/[^[\p{L}\p{M}\p{N}]--\p{Default_Ignorable_Code_Point}]+/gv, '-')
    // A mark needs a letter before it.
    .replaceAll(/(^|-)\p{M}+/gu, '$1')
    .replaceAll(/-{2,}/g, '-')
    .replace(/^-/, '')
  return cut(words, mostSlugBytes).replace(/-$/, '')
}

/** Whole graphemes only, so that no letter loses its marks. */
function cut(text: string, mostBytes: number): string {
  let kept = ''
  let bytes = 0
  for (const { segment } of graphemes.segment(text)) {
    bytes += Buffer.byteLength(segment)
    if (bytes > mostBytes) break
    kept += segment
  }
  return kept
}
