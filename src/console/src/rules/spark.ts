/** Room at the edges, so that a line of 1.5 is not cut. */
const margin = 1

/**
 * The `d` of an SVG path through values in order, from the left edge to the right one, `max` at the top and 0 at the bottom.
 * Nothing is drawn where a value is null; one alone between two of them is a dash. Empty if there is no value.
 */
export function sparkPath(
  values: ReadonlyArray<number | null>,
  { width, height, max }: { width: number; height: number; max: number },
): string {
  const step = values.length > 1 ? (width - 2 * margin) / (values.length - 1) : 0
  const x = (index: number) => rounded(margin + index * step)
  const y = (value: number) => {
    const share = max > 0 ? Math.min(1, Math.max(0, value / max)) : 0
    return rounded(height - margin - share * (height - 2 * margin))
  }
  return values
    .map((value, index) => {
      if (value === null) return ''
      const goesOn = index > 0 && values[index - 1] != null
      const isAlone = !goesOn && values[index + 1] == null
      return `${goesOn ? 'L' : 'M'}${x(index)} ${y(value)}${isAlone ? 'h2' : ''}`
    })
    .join('')
}

export interface Bar {
  x: number
  y: number
  width: number
  height: number
}

/** One bar for each value over the whole width; a value that is not 0 is at least one unit high. */
export function barsOf(
  values: ReadonlyArray<number | null>,
  { width, height, max }: { width: number; height: number; max: number },
): Bar[] {
  const slot = width / Math.max(1, values.length)
  return values.map((value, index) => {
    const share = value === null || max <= 0 ? 0 : Math.min(1, Math.max(0, value / max))
    const tall = share === 0 ? 0 : Math.max(1, share * height)
    return {
      x: rounded(index * slot + slot * 0.1),
      y: rounded(height - tall),
      width: rounded(slot * 0.8),
      height: rounded(tall),
    }
  })
}

/** The next round figure (1, 2 or 5 times a power of ten) that is not below any value: the top of an axis. 1 without values. */
export function roundTop(values: ReadonlyArray<number | null>): number {
  const most = Math.max(0, ...values.map((value) => value ?? 0))
  if (most === 0) return 1
  const power = 10 ** Math.floor(Math.log10(most))
  const step = [1, 2, 5, 10].find((each) => each * power >= most) ?? 10
  return step * power
}

function rounded(value: number): number {
  return Math.round(value * 100) / 100
}
