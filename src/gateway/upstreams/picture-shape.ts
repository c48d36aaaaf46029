import type { Resolution } from '../domain/inputs/picture.ts'
import type { Size } from '../domain/routing/upstream.ts'

/** A size in the notation of vendors that do not use pixels: `16:9`, `720p`, landscape. */
export interface PictureShape {
  width: number
  height: number
  ratio: string
  resolution: Resolution
  orientation: 'landscape' | 'portrait' | 'square'
}

export function shapeOf(size: Size): PictureShape {
  const [width = 0, height = 0] = size.split('x').map(Number)
  const divisor = greatestDivisor(width, height)
  const orientation = width === height ? 'square' : width > height ? 'landscape' : 'portrait'
  return {
    width,
    height,
    ratio: `${width / divisor}:${height / divisor}`,
    resolution: `${Math.min(width, height)}p`,
    orientation,
  }
}

function greatestDivisor(a: number, b: number): number {
  return b === 0 ? Math.max(1, a) : greatestDivisor(b, a % b)
}
