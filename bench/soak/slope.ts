export interface Slope {
  /** What a figure grows by in a unit of `x`; by least squares. */
  perUnit: number
  /** Its standard error. */
  error: number
}

interface Point {
  x: number
  y: number
}

/**
 * Least squares of `y` over `x`, which are equally far apart. Samples of one process are like their neighbours, so the
 * standard error counts only as many as are independent: n (1 - r) / (1 + r), with r the correlation of the residuals with
 * the ones before them (0 if negative). Throws with fewer than four samples.
 */
export function slopeOf(points: readonly Point[]): Slope {
  const count = points.length
  if (count < 4) throw new Error('a slope needs four samples')
  const mean = (of: (point: Point) => number): number =>
    points.reduce((sum, point) => sum + of(point), 0) / count
  const [x0, y0] = [mean(({ x }) => x), mean(({ y }) => y)]
  const spread = points.reduce((sum, { x }) => sum + (x - x0) ** 2, 0)
  const perUnit = points.reduce((sum, { x, y }) => sum + (x - x0) * (y - y0), 0) / spread
  const residuals = points.map(({ x, y }) => y - y0 - perUnit * (x - x0))
  const squares = residuals.reduce((sum, each) => sum + each ** 2, 0)
  const withBefore = residuals.slice(1).reduce((sum, each, index) => sum + each * (residuals[index] ?? 0), 0)
  const alike = squares === 0 ? 0 : Math.max(0, withBefore / squares)
  const independent = Math.max(3, (count * (1 - alike)) / (1 + alike))
  return { perUnit, error: Math.sqrt(squares / count / (independent - 2) / (spread / count)) }
}

/**
 * Whether memory does not grow as far as can be told: it grows by less than `least`, or by no more than two of its standard
 * errors and by less than `most`, so that noise hides no growth that somebody would have to act upon.
 */
export function isWithinNoise(
  { perUnit, error }: Slope,
  { least, most }: { least: number; most: number },
): boolean {
  return perUnit < least || (perUnit <= 2 * error && perUnit < most)
}

/** The point with the least `y` of every `width` of `x`, from the first one on; what is left at the end is left out. */
export function leastOfEach(points: readonly Point[], width: number): Point[] {
  const [first, last] = [points[0], points.at(-1)]
  if (first === undefined || last === undefined) return []
  const blocks = Math.floor((last.x - first.x) / width + 1e-9)
  return Array.from({ length: blocks }, (_, number) => {
    const from = first.x + number * width
    const block = points.filter(({ x }) => x >= from && x < from + width)
    return block.reduce((least, point) => (point.y < least.y ? point : least))
  })
}
