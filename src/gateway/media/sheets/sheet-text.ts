import { fileURLToPath } from 'node:url'
import sharp from 'sharp'
import { shownText } from '../../domain/shown-text.ts'

/** A picture to lay on a sheet. */
export interface Piece {
  input: Buffer
  width: number
  height: number
}

export interface Lettering {
  /** Points. */
  size: number
  bold?: boolean
  colour: string
  /** Where lines are broken, in pixels. */
  width: number
  /** What is longer ends in an ellipsis. */
  maxLength?: number
}

/** Of this package, because the machine of a gateway often has no font at all. */
const regular = fileURLToPath(import.meta.resolve('dejavu-fonts-ttf/ttf/DejaVuSans.ttf'))
const bold = fileURLToPath(import.meta.resolve('dejavu-fonts-ttf/ttf/DejaVuSans-Bold.ttf'))

/** Text as a picture, as wide as it needs; null for empty text. */
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

/** Text is read as Pango markup. */
function escape(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
}
