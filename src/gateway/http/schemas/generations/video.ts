import { z } from 'zod'
import type { VideoAsset } from '../../../domain/generation/generation.ts'
import type { GenerationId } from '../../../domain/ids.ts'
import type { SignedAddresses } from '../../../services/generations/signed-addresses.ts'
import { exampleGenerationId, timestamp, toTimestamp } from '../fields.ts'

const ofOthers = 'Null for generations of other tenants, and in lists without `signed=true`.'

export const VideoDto = z
  .object({
    url: z.string().meta({ description: 'Relative to this server. Requires a key.' }),
    content_type: z.string().meta({ description: 'The media type of the file.' }),
    bytes: z.int().nonnegative().meta({ description: 'The size of the file.' }),
    sha256: z.string().meta({ description: 'SHA-256 of the file, in hex.' }),
    signed_url: z
      .string()
      .nullable()
      .meta({
        description: `An address of the video that needs no key, for a player on a page. Valid for 12 to 24 hours, and until the generation is deleted; read the generation again for a new one. Everyone who has it can watch the video. ${ofOthers}`,
      }),
    signed_thumbnail_url: z
      .string()
      .nullable()
      .meta({ description: `The same for the first frame of the video. ${ofOthers}` }),
    signed_url_expires_at: timestamp
      .nullable()
      .meta({ description: `When both signed addresses stop working. ${ofOthers}` }),
  })
  .meta({ id: 'Video', description: 'The video in the archive.' })

export type VideoDto = z.output<typeof VideoDto>

export const exampleVideo = {
  url: `/generations/${exampleGenerationId}/video`,
  content_type: 'video/mp4',
  bytes: 4_194_304,
  sha256: '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08',
  signed_url: 'https://gateway.example/media/WyJnZW5fMDFr….c2lnbmF0dXJl',
  signed_thumbnail_url: 'https://gateway.example/media/WyJnZW5fMDJr….c2lnbmF0dXJl',
  signed_url_expires_at: '2026-11-24T00:00:00.000Z',
}

/** `addresses`: null where the caller gets none. */
export function toVideoDto(
  id: GenerationId,
  asset: Pick<VideoAsset, 'contentType' | 'bytes' | 'sha256'>,
  addresses: SignedAddresses | null,
): VideoDto {
  const signed = addresses?.of(id)
  return {
    url: `/generations/${id}/video`,
    content_type: asset.contentType,
    bytes: asset.bytes,
    sha256: asset.sha256,
    signed_url: signed?.video ?? null,
    signed_thumbnail_url: signed?.thumbnail ?? null,
    signed_url_expires_at: signed === undefined ? null : toTimestamp(signed.expiresAt),
  }
}
