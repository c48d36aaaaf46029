import { isFields, nameOf } from './layers.ts'
import { parseJson } from './json-body.ts'
import { isInlineVideo } from './inline-video.ts'

/** Names under which the address of a video stands, the surest first. */
const names = [
  'videourl',
  'downloadablevideourl',
  'videouri',
  'resulturl',
  'downloadurl',
  'downloadableurl',
  'outputurl',
  'fileurl',
  'mediaurl',
  'mp4url',
  'mp4',
  'video',
  'videos',
  'signedurl',
  'uri',
  'url',
  'urls',
  'unsignedurls',
  'resulturls',
  'output',
  'outputs',
  'result',
  'results',
  'resource',
  'asset',
]
const ranks = new Map(names.map((name, index) => [name, index]))

/** What is no video, or leads to a page or a call; whatever is below such a name is not looked at either. */
const others =
  /thumb|cover|poster|preview|image|picture|avatar|gif|sprite|frame|audio|input|reference|source|callback|webhook|hook|status|cancel|response|polling|permalink|profile|prompt|subtitle|lastframe|get$|stream|web|request|metadatafile|logs?$|watermarked|usage/

const maxDepth = 6
const maxEntries = 60

export interface Addresses {
  /** Absolute, or relative to the host of the upstream; the likeliest first. */
  urls: string[]
  /** Whether the video itself stands in the answer, in base64. */
  inline: boolean
}

/** Every address in an answer that may be that of its video, wherever vendors put it. */
export function addressesIn(value: unknown): Addresses {
  const found: { url: string; rank: number }[] = []
  let inline = false

  function visit(each: unknown, rank: number | null, depth: number): void {
    if (typeof each === 'string') {
      if (isInlineVideo(each)) inline = true
      else if (isAddress(each) && (rank !== null || isVideoFile(each)))
        found.push({ url: each, rank: (rank ?? names.length) + lessLike(each) })
      else if (depth < maxDepth && /^\s*[{[]/.test(each)) visit(parseJson(each), rank, depth + 1)
      return
    }
    if (typeof each !== 'object' || each === null || depth > maxDepth) return
    for (const [key, inner] of Object.entries(each).slice(0, maxEntries)) {
      const name = isFields(each) ? nameOf(key) : ''
      // In a list, the name of the list holds.
      const own = isFields(each) ? (ranks.get(name) ?? null) : rank
      if (!others.test(name)) visit(inner, own, depth + 1)
    }
  }

  visit(value, null, 0)
  const urls = found.toSorted((a, b) => a.rank - b.rank).map(({ url }) => url)
  return { urls: [...new Set(urls)].slice(0, 4), inline }
}

/** Absolute, or relative to the scheme or the root of the upstream's own address. */
export function isAddress(text: string): boolean {
  if (text.length > 8192 || /[\s\p{Cc}]/u.test(text) || !text.isWellFormed()) return false
  if (/^https?:\/\//i.test(text)) return URL.canParse(text)
  return /^\/\/?[^/]/.test(text) && URL.canParse(text, 'https://host.invalid')
}

/** Under a name that nobody has written down, the ending tells. */
function isVideoFile(url: string): boolean {
  return /\.(mp4|webm|mov|mkv|m4v)([?#]|$)/i.test(url)
}

/** A file of another kind is the last to be tried. */
function lessLike(url: string): number {
  return /\.(png|jpe?g|webp|gif|json|html?|txt|srt|vtt|mp3|wav)([?#]|$)/i.test(url) ? 100 : 0
}
