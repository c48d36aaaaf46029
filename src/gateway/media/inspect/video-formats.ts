/** The containers that the archive keeps, by the name under which the bytes are told, with the type they are served as. */
export const keptContainers: ReadonlyMap<string, string> = new Map([
  ['video/mp4', 'video/mp4'],
  ['video/x-m4v', 'video/mp4'],
  ['video/quicktime', 'video/quicktime'],
  ['video/webm', 'video/webm'],
  ['video/matroska', 'video/x-matroska'],
])

const matroska = new Set(['video/webm', 'video/x-matroska'])

/** WebM is a profile of Matroska, and is read alike. */
export function isMatroska(contentType: string): boolean {
  return matroska.has(contentType)
}

const animations = new Set(['image/gif', 'image/apng', 'application/ogg', 'application/zip'])

/**
 * Whether bytes of this type are what somebody rendered, in a form that is not kept: the next download has the same bytes.
 * Pages, texts and pictures are no such thing, for they also come in the place of a video that is not there yet.
 */
export function isUnkeptMedia(mime: string): boolean {
  return /^(video|audio)\//.test(mime) || animations.has(mime)
}

/** For a reader of one file, whatever its container. */
export async function containerFormats() {
  const { MATROSKA, MP4, QTFF, WEBM } = await import('mediabunny')
  return [MP4, QTFF, WEBM, MATROSKA]
}
