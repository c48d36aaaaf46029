import { z } from 'zod'
import type { OfferedLengths } from '../../../domain/catalogue/lengths.ts'
import type { OfferedPictures } from '../../../domain/catalogue/pictures.ts'
import { priceUnits } from '../../../domain/catalogue/prices.ts'
import type { OfferedPrice } from '../../../domain/catalogue/prices.ts'
import { toUsd, usd } from '../fields.ts'

const lengths = z
  .object({
    inputs: z.array(z.string()).nullable().meta({
      description: 'For requests with any of these. Null means all other requests.',
    }),
    durations: z.array(z.number()).nullable().meta({ description: 'Seconds. Null means any.' }),
    whole_seconds: z.boolean().meta({ description: 'If any: whether only whole seconds.' }),
    max_seconds: z.number().nullable().meta({ description: 'If any: the longest. Null means no limit.' }),
  })
  .meta({ id: 'ModelLengths' })

const price = z
  .object({
    audio: z.boolean().nullable().meta({ description: 'With or without sound. Null means either.' }),
    per: z.enum(priceUnits),
    usd: usd.meta({ description: 'The highest, if the price depends on more than is said here.' }),
  })
  .meta({ id: 'ModelPrice', description: 'Before the effects of `options`.' })

export const PicturesDto = z
  .object({
    resolution: z.string().nullable().meta({ description: 'Null means any that no other entry has.' }),
    aspect_ratios: z.array(z.string()).nullable().meta({
      description: 'What `aspect_ratio` may be with this `resolution`. Null means any. Empty: use `size`.',
    }),
    sizes: z.array(z.string()).nullable().meta({
      description:
        'What `size` may be. Null means any of this resolution and these ratios. Empty: use `resolution`.',
    }),
    lengths: z.array(lengths).meta({ description: 'The first entry that matches the request applies.' }),
    prices: z.array(price),
  })
  .meta({ id: 'ModelPictures', description: 'Pictures of one resolution that cost the same.' })

export type PicturesDto = z.output<typeof PicturesDto>

export function toPicturesDto(offered: OfferedPictures): PicturesDto {
  return {
    resolution: offered.resolution,
    aspect_ratios: offered.aspectRatios,
    sizes: offered.sizes,
    lengths: offered.lengths.map(toLengthsDto),
    prices: offered.prices.map(toPriceDto),
  }
}

function toLengthsDto({ inputs, durations, wholeSeconds, maxSeconds }: OfferedLengths) {
  return { inputs, durations, whole_seconds: wholeSeconds, max_seconds: maxSeconds }
}

function toPriceDto({ audio, per, micros }: OfferedPrice) {
  return { audio, per, usd: toUsd(micros) }
}
