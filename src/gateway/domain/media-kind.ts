export const mediaKinds = ['image', 'video', 'audio'] as const
export type MediaKind = (typeof mediaKinds)[number]
/** Visual media, which can be the reference of a request. */
export const visualKinds = ['image', 'video'] as const
export type VisualKind = (typeof visualKinds)[number]

/** Of a file that was accepted as one of these. */
export function visualKindOf(kind: MediaKind): VisualKind {
  return kind === 'video' ? 'video' : 'image'
}

/** How names of files end, by content type: every container in which an upstream may have given a video. */
export const videoExtensions: ReadonlyMap<string, string> = new Map([
  ['video/mp4', 'mp4'],
  ['video/quicktime', 'mov'],
  ['video/webm', 'webm'],
  ['video/x-matroska', 'mkv'],
])

/** For the name under which a video is saved; without a dot. */
export function extensionOf(contentType: string): string {
  return videoExtensions.get(contentType) ?? 'mp4'
}
