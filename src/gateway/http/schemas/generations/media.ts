import { z } from 'zod'
import { videoExtensions } from '../../../domain/media-kind.ts'

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

/** A video in each container in which an upstream may have given it. */
export const videoContent = Object.fromEntries(
  [...videoExtensions.keys()].map((contentType) => [contentType, binary] as const),
)
