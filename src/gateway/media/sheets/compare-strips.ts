import { converter, differenceCiede2000, type Lab65 } from 'culori'
import phash from 'sharp-phash'
import distance from 'sharp-phash/distance.js'
import sharp from 'sharp'
import { unusable, type FrameAnswer } from '../frames/frame-jobs.ts'
import { framesPerStrip } from '../frames/strip.ts'

const hashBits = 64
/** Mean colours are computed on a grid of this many cells per side: position matters a little, details do not. */
const gridSide = 4

const toLab = converter('lab65')
const difference = differenceCiede2000()

interface Look {
  hash: string
  colours: Lab65[]
}

/**
 * How similar the frames of two strips are. Scenes differ in time and place, so every frame is compared with the most
 * similar frame of the other strip, and the mean is returned.
 */
export async function compareStrips(strip: string, other: string): Promise<FrameAnswer> {
  const looks = await looksOf(strip)
  const models = await looksOf(other)
  if (looks === null || models === null) return unusable('The frames cannot be read.')
  const hashes = looks.map(({ hash }) => Math.max(...models.map((model) => alike(hash, model.hash))))
  const colours = looks.map((look) => Math.min(...models.map((model) => apart(look.colours, model.colours))))
  return { type: 'compared', hashSimilarity: mean(hashes), colourDistance: mean(colours) }
}

async function looksOf(strip: string): Promise<Look[] | null> {
  try {
    const { width, height } = await sharp(strip).metadata()
    const side = Math.floor(width / framesPerStrip)
    return await Promise.all(
      Array.from({ length: framesPerStrip }, (_, index) =>
        lookOf(
          sharp(strip)
            .extract({ left: index * side, top: 0, width: side, height })
            .png()
            .toBuffer(),
        ),
      ),
    )
  } catch {
    return null
  }
}

async function lookOf(tile: Promise<Buffer>): Promise<Look> {
  const png = await tile
  const raw = await sharp(png).removeAlpha().resize(gridSide, gridSide, { fit: 'fill' }).raw().toBuffer()
  const colours = Array.from({ length: gridSide * gridSide }, (_, field) => {
    const [r = 0, g = 0, b = 0] = raw.subarray(field * 3, field * 3 + 3)
    return toLab({ mode: 'rgb', r: r / 255, g: g / 255, b: b / 255 })
  })
  return { hash: await phash(png), colours }
}

function alike(hash: string, other: string): number {
  return 1 - distance(hash, other) / hashBits
}

function apart(colours: readonly Lab65[], others: readonly Lab65[]): number {
  return mean(
    colours.map((colour, index) => {
      const other = others[index]
      return other === undefined ? 0 : difference(colour, other)
    }),
  )
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length
}
