export const mediaKinds = ['image', 'video', 'audio'] as const
export type MediaKind = (typeof mediaKinds)[number]
/** Visual media, which can be the reference of a request. */
export const visualKinds = ['image', 'video'] as const
export type VisualKind = (typeof visualKinds)[number]

/** Of a file that was accepted as one of these. */
export function visualKindOf(kind: MediaKind): VisualKind {
  return kind === 'video' ? 'video' : 'image'
}
