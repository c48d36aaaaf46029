import type { Span } from '../../../rules/clip-span.ts'

export const sourceTypes = ['file', 'url', 'generation', 'sample'] as const
export type SourceType = (typeof sourceTypes)[number]

/** What was chosen of each kind, so that a look at another kind loses nothing. */
export interface Chosen {
  type: SourceType
  file: File | null
  url: string
  generation: string | null
  sample: File | null
}

/** What makes the clip; null while nothing is chosen. */
export type ClipSource =
  { type: 'file'; file: File } | { type: 'url'; url: string } | { type: 'generation'; id: string } | null

export function clipSource({ type, file, url, generation, sample }: Chosen): ClipSource {
  switch (type) {
    case 'file':
      return file && { type: 'file', file }
    case 'sample':
      return sample && { type: 'file', file: sample }
    case 'generation':
      return generation === null ? null : { type: 'generation', id: generation }
    case 'url':
      return url.trim() === '' ? null : { type: 'url', url: url.trim() }
  }
}

/** What is sent. A null span keeps the whole video. */
export interface NewCharacter {
  source: NonNullable<ClipSource>
  span: Span | null
  name: string
  description: string
  voice: File | null
}
