export interface Point {
  /** Generations in the database. */
  size: number
  /** Of one operation, in any unit. */
  cost: number
}

export interface Growth {
  /** The cost at each size, as a multiple of that at the smallest. */
  ratios: number[]
  /** What the largest would be if the cost grew as the logarithm of the size does. */
  logarithmic: number
  isSlower: boolean
}

/** How the cost of an operation grows from the smallest to the largest size, beside its logarithm. Points in ascending order of size. */
export function growthOf(points: readonly Point[]): Growth {
  const [smallest, largest] = [points[0], points.at(-1)]
  if (smallest === undefined || largest === undefined) throw new Error('no sizes')
  const ratios = points.map(({ cost }) => cost / smallest.cost)
  const logarithmic = Math.log(largest.size) / Math.log(smallest.size)
  return { ratios, logarithmic, isSlower: (ratios.at(-1) ?? 1) <= logarithmic }
}
