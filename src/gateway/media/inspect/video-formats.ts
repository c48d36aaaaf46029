/** Accepted containers by detected MIME type, with the type that they are served as. */
export const keptContainers: ReadonlyMap<string, string> = new Map([
  ['video/mp4', 'video/mp4'],
  ['video/x-m4v', 'video/mp4'],
  ['video/quicktime', 'video/quicktime'],
  ['video/webm', 'video/webm'],
  ['video/matroska', 'video/x-matroska'],
])

const matroska = new Set(['video/webm', 'video/x-matroska'])

/** WebM is a subset of Matroska and is read the same way. */
export function isMatroska(contentType: string): boolean {
  return matroska.has(contentType)
}

const animations = new Set(['image/gif', 'image/apng', 'application/ogg', 'application/zip'])

/**
 * Whether the type is media in a format that is not accepted: another download returns the same bytes. Pages, text and
 * pictures do not count, because servers also send them while the video is not ready yet.
 */
export function isUnkeptMedia(mime: string): boolean {
  return /^(video|audio)\//.test(mime) || animations.has(mime)
}

/** The formats for reading one file, whatever its container. */
export async function containerFormats() {
  const { MATROSKA, MP4, QTFF, WEBM } = await import('mediabunny')
  return [MP4, QTFF, WEBM, MATROSKA]
}
