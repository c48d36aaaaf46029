import { isFields, nameOf } from './layers.ts'
import { parseJson } from './json-body.ts'
import { isInlineVideo } from './inline-video.ts'

/** Field names that hold the URL of a video, the most reliable first. */
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

/** Fields that hold no video, or lead to a page or an API call. Nothing below them is searched either. */
const others =
  /thumb|cover|poster|preview|image|picture|avatar|gif|sprite|frame|audio|input|reference|source|callback|webhook|hook|status|cancel|response|polling|permalink|profile|prompt|subtitle|lastframe|get$|stream|web|request|metadatafile|logs?$|watermarked|usage/

const maxDepth = 6
const maxEntries = 60

export interface Addresses {
  /** Absolute URLs, or relative to the host of the upstream; the most likely first. */
  urls: string[]
  /** Whether the response itself contains the video, in base64. */
  inline: boolean
}

/** Finds every URL in a response that may be that of its video, in any structure. */
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
      // Items of a list inherit the rank of the list's name.
      const own = isFields(each) ? (ranks.get(name) ?? null) : rank
      if (!others.test(name)) visit(inner, own, depth + 1)
    }
  }

  visit(value, null, 0)
  const urls = found.toSorted((a, b) => a.rank - b.rank).map(({ url }) => url)
  return { urls: [...new Set(urls)].slice(0, 4), inline }
}

/** An absolute URL, or one relative to the scheme or root of the upstream's own address. */
export function isAddress(text: string): boolean {
  if (text.length > 8192 || /[\s\p{Cc}]/u.test(text) || !text.isWellFormed()) return false
  if (/^https?:\/\//i.test(text)) return URL.canParse(text)
  return /^\/\/?[^/]/.test(text) && URL.canParse(text, 'https://host.invalid')
}

/** For unknown field names, the file extension decides. */
function isVideoFile(url: string): boolean {
  return /\.(mp4|webm|mov|mkv|m4v)([?#]|$)/i.test(url)
}

/** URLs of other file types are tried last. */
function lessLike(url: string): number {
  return /\.(png|jpe?g|webp|gif|json|html?|txt|srt|vtt|mp3|wav)([?#]|$)/i.test(url) ? 100 : 0
}
