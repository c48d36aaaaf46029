import { z } from 'zod'

/** An archived file never changes under its URL. */
export const mediaCacheControl = 'private, max-age=31536000, immutable'

export const binary = z.string().meta({ format: 'binary' })

export const conditionalHeaders = z.looseObject({
  'if-none-match': z.string().optional().meta({ description: 'An `ETag` had before.' }),
})

export const rangeHeaders = conditionalHeaders.extend({
  range: z
    .string()
    .optional()
    .meta({ description: 'One range of bytes.', examples: ['bytes=0-1048575'] }),
  'if-range': z.string().optional().meta({ description: 'The `ETag` that `Range` is about.' }),
})

export const notModified = z.null().meta({ description: 'The caller has it already.' })

/** For the name under which a browser saves it. */
export function extensionOf(contentType: string): string {
  return contentType === 'video/webm' ? 'webm' : contentType === 'video/quicktime' ? 'mov' : 'mp4'
}
