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

/** Bundled with the package, because servers often have no fonts installed. */
const regular = fileURLToPath(import.meta.resolve('dejavu-fonts-ttf/ttf/DejaVuSans.ttf'))
const bold = fileURLToPath(import.meta.resolve('dejavu-fonts-ttf/ttf/DejaVuSans-Bold.ttf'))

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
