import { z } from 'zod'

/** An archived file never changes under its URL. */
export const mediaCacheControl = 'private, max-age=31536000, immutable'

export const binary = z.string().meta({ format: 'binary' })

export const conditionalHeaders = z.looseObject({
  'if-none-match': z.string().optional().meta({ description: 'An `ETag` from an earlier response.' }),
})

export const rangeHeaders = conditionalHeaders.extend({
  range: z
    .string()
    .optional()
    .meta({ description: 'A single byte range.', examples: ['bytes=0-1048575'] }),
  'if-range': z.string().optional().meta({ description: 'The `ETag` that `Range` refers to.' }),
})

export const notModified = z.null().meta({ description: 'Not modified: the `ETag` matches.' })

const extensions = new Map([
  ['video/quicktime', 'mov'],
  ['video/webm', 'webm'],
  ['video/x-matroska', 'mkv'],
])

/** For the name under which a browser saves it. */
export function extensionOf(contentType: string): string {
  return extensions.get(contentType) ?? 'mp4'
}

/** A video in each container in which an upstream may have given it. */
export const videoContent = Object.fromEntries(
  ['video/mp4', ...extensions.keys()].map((contentType) => [contentType, binary] as const),
)
