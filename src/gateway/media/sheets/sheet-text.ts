import { fileURLToPath } from 'node:url'
import sharp from 'sharp'
import { shownText } from '../../domain/shown-text.ts'

/** A picture to place on a sheet. */
export interface Piece {
  input: Buffer
  width: number
  height: number
}

export interface Lettering {
  /** In points. */
  size: number
  bold?: boolean
  colour: string
  /** The width at which lines are wrapped, in pixels. */
  width: number
  /** Longer text is cut, with an ellipsis. */
  maxLength?: number
}

/** DejaVu 2.37, since servers often have no fonts. Two files of its 22: the package `dejavu-fonts-ttf` has all of them, 12 MB. */
const regular = fileURLToPath(new URL('fonts/DejaVuSans.ttf', import.meta.url))
const bold = fileURLToPath(new URL('fonts/DejaVuSans-Bold.ttf', import.meta.url))

/** Renders text as a picture, as wide as it needs; null for empty text. */
export async function letter(text: string, lettering: Lettering): Promise<Piece | null> {
  const { size, colour, width, maxLength = 240 } = lettering
  const shown = shownText(text, maxLength)
  if (shown === '') return null
  const { data, info } = await sharp({
    text: {
      text: `<span foreground="${colour}">${escape(shown)}</span>`,
      font: `DejaVu Sans${lettering.bold === true ? ' Bold' : ''} ${size}`,
      fontfile: lettering.bold === true ? bold : regular,
      width,
      wrap: 'word-char',
      rgba: true,
      dpi: 96,
    },
  })
    .png()
    .toBuffer({ resolveWithObject: true })
  return { input: data, width: info.width, height: info.height }
}

/** Text is interpreted as Pango markup. */
function escape(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
}
