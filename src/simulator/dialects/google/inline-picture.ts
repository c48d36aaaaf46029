import { z } from 'zod'

/** Base64 and nothing else: no address, and no head of a data URL. */
const base64 = z.string().regex(/^[A-Za-z0-9+/]{16,}={0,2}$/)
const pictureType = z.enum(['image/png', 'image/jpeg', 'image/webp'])

/** Bytes and their type, as Veo takes them (docs/vendors/video-apis.md#veo). */
export const bytesSchema = z
  .strictObject({ bytesBase64Encoded: base64, mimeType: pictureType })
  .transform(({ bytesBase64Encoded, mimeType }) => dataUrl(mimeType, bytesBase64Encoded))

/** An address under which the bytes are read like those of a caller. */
export const dataUrl = (type: string, data: string) => `data:${type};base64,${data}`

export { base64, pictureType }
