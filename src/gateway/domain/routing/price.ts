import { isResolution, linesOf, resolutionOf } from '../inputs/picture.ts'
import type { Resolution } from '../inputs/picture.ts'
import type { RouteRequest } from './route-request.ts'
import type { Price, Size, UpstreamSpec } from './upstream.ts'

const MICROS_PER_USD = 1_000_000

/** USD as written in a configuration or a request → integer micro-dollars. */
export function usdToMicros(usd: number): number {
  return Math.round(usd * MICROS_PER_USD)
}

/** Integer micro-dollars → USD as shown in answers. */
export function microsToUsd(micros: number): number {
  return micros / MICROS_PER_USD
}

/**
 * What one video of this length and size costs on an upstream, in micro-dollars: by its size, else by its resolution, else by
 * default. Of that, the price with sound where it has one. `resolution`: what it is asked for, in place of that of the size.
 */
export function priceOf(
  price: Price,
  durationSeconds: number,
  size: Size,
  { resolution = null, audio = false }: { resolution?: Resolution | null; audio?: boolean } = {},
): number {
  switch (price.type) {
    case 'per_request':
      return price.micros
    case 'per_second':
      return Math.round(
        perSecond(price.micros, [size, ...alike(price.micros, resolution ?? resolutionOf(size))], audio) *
          durationSeconds,
      )
  }
}

/** A resolution by every word that the price has for it: 2160p is 4k. Its own word comes first. */
function alike(micros: Readonly<Record<string, number>>, resolution: Resolution): string[] {
  const words = Object.keys(micros).map((key) => key.replace(/\+audio$/, ''))
  const same = words.filter((word) => isResolution(word) && linesOf(word) === linesOf(resolution))
  return [resolution, ...same]
}

function perSecond(
  micros: Extract<Price, { type: 'per_second' }>['micros'],
  pictures: readonly string[],
  audio: boolean,
): number {
  for (const picture of pictures) {
    const found = (audio ? micros[`${picture}+audio`] : undefined) ?? micros[picture]
    if (found !== undefined) return found
  }
  return (audio ? micros['default+audio'] : undefined) ?? micros.default
}

/** The length that is assumed of a video before it is here. Vendors take 15 seconds of videos at most. */
const assumedInputSeconds = 15

/** The seconds of video that go along with a request: references, the one reference beside them, and the source. */
export function inputSecondsOf({
  inputs,
  referenceKind,
  source,
}: Pick<RouteRequest, 'inputs' | 'referenceKind' | 'source'>): number {
  const videos = (inputs?.references ?? []).filter(({ kind }) => kind === 'video')
  const lengths = [
    ...videos.map(({ durationSeconds }) => durationSeconds),
    ...(referenceKind === 'video' ? [null] : []),
    ...(source === undefined ? [] : [source.durationSeconds]),
  ]
  return lengths.reduce<number>((sum, seconds) => sum + (seconds ?? assumedInputSeconds), 0)
}

/** The seconds of clips that go along where characters are shown by them: of the one that is the reference, or of each. */
export function clipSecondsOf(
  characters: RouteRequest['characters'],
  { characters: mode }: Pick<UpstreamSpec, 'characters'>,
): number {
  if (mode !== 'inline' && mode !== 'reference') return 0
  const shown = characters.filter(({ withoutClip }) => withoutClip !== true)
  const sent = mode === 'reference' ? shown.slice(0, 1) : shown
  return sent.reduce((sum, { clipSeconds }) => sum + (clipSeconds ?? assumedInputSeconds), 0)
}

/** `$0.12`; more decimals only where they say something. */
export function formatUsd(micros: number): string {
  const usd = microsToUsd(micros)
  return `$${micros % 10_000 === 0 ? usd.toFixed(2) : String(usd)}`
}
