import type { Upstream } from './shapes.ts'

/** What to ask an upstream for. Without a size, the gateway's default is used. */
export interface Clip {
  duration: number
  size: string | null
}

/** Where an upstream takes any length: servers of video models refuse fractions and less than a second. */
const usualSeconds = 4

/** The shortest clip without inputs that an upstream offers, in its smallest size of that length. Null if it offers none. */
export function shortestClip({ pictures }: Pick<Upstream, 'pictures'>, seconds: number | null): Clip | null {
  const clips = pictures.flatMap(({ sizes, lengths }) =>
    lengths
      .filter(({ inputs }) => inputs === null)
      .flatMap(
        ({ durations, max_seconds: most }) => durations ?? [Math.min(usualSeconds, most ?? usualSeconds)],
      )
      .flatMap((duration) => (sizes ?? [null]).map((size) => ({ duration: seconds ?? duration, size }))),
  )
  return clips.toSorted((a, b) => a.duration - b.duration || areaOf(a.size) - areaOf(b.size))[0] ?? null
}

function areaOf(size: string | null): number {
  const [width, height] = (size ?? '').split('x').map(Number)
  return (width ?? 0) * (height ?? 0)
}
