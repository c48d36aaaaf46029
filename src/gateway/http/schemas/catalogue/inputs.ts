import { z } from 'zod'
import { audioSupports, lastFrameSupports, settingSupports } from '../../../domain/inputs/capabilities.ts'
import type { Capabilities, ReferenceLimit } from '../../../domain/inputs/capabilities.ts'
import { optionTypes } from '../../../domain/inputs/options.ts'
import type { OptionSpec, PriceEffect } from '../../../domain/inputs/options.ts'
import { referenceRoles } from '../../../domain/inputs/request-inputs.ts'
import { toUsd, usd } from '../fields.ts'

const referenceLimit = z
  .object({
    max: z.int(),
    roles: z.array(z.enum(referenceRoles)).nullable().meta({ description: 'Null means any.' }),
  })
  .meta({ id: 'ReferenceLimit' })

const optionValue = z.union([z.string(), z.number(), z.boolean()])

const option = z
  .object({
    type: z.enum(optionTypes),
    values: z.array(optionValue).nullable().meta({ description: 'Null means any of the type.' }),
    min: z.number().nullable(),
    max: z.number().nullable(),
    price_effects: z
      .array(
        z
          .object({
            value: z.string(),
            times: z.number().nullable(),
            per_second_usd: usd.nullable(),
            per_request_usd: usd.nullable(),
          })
          .meta({ id: 'PriceEffect' }),
      )
      .meta({ description: 'What single values do to the price.' }),
  })
  .meta({ id: 'ModelOption', description: 'A setting that only this upstream has.' })

/** What an upstream takes beside words, a length and a size. */
export const InputsDto = z
  .object({
    first_frame: z.boolean(),
    last_frame: z.enum(lastFrameSupports).meta({
      description: '`with_first_frame`: only together with a first frame. `any`: also alone.',
    }),
    references: z
      .object({
        image: referenceLimit.nullable(),
        video: referenceLimit.nullable(),
        audio: referenceLimit.nullable(),
        max: z.int().nullable().meta({ description: 'Of all kinds together. Null means the sum.' }),
      })
      .meta({ id: 'ReferenceLimits', description: 'Null means none of this kind.' }),
    exclusive: z.array(z.array(z.string())).meta({
      description: 'Groups of inputs of which a request may have only one. Options are `options.NAME`.',
    }),
    required: z
      .array(z.string())
      .meta({ description: 'A request needs at least one of these. Empty means none is needed.' }),
    audio: z.enum(audioSupports).nullable().meta({
      description: 'Whether videos have sound. `optional`: the request decides. Null means not known.',
    }),
    seed: z.enum(settingSupports).meta({ description: '`dropped`: left out with a warning.' }),
    negative_prompt: z.enum(settingSupports),
    options: z.record(z.string(), option),
  })
  .meta({ id: 'Inputs', description: 'Inputs and settings, and their limits.' })

export type InputsDto = z.output<typeof InputsDto>

export function toInputsDto(capabilities: Capabilities): InputsDto {
  const { references } = capabilities
  return {
    first_frame: capabilities.firstFrame,
    last_frame: capabilities.lastFrame,
    references: {
      image: toLimitDto(references.image),
      video: toLimitDto(references.video),
      audio: toLimitDto(references.audio),
      max: capabilities.mostReferences,
    },
    exclusive: capabilities.exclusive,
    required: capabilities.required,
    audio: capabilities.audio,
    seed: capabilities.seed,
    negative_prompt: capabilities.negativePrompt,
    options: Object.fromEntries(
      Object.entries(capabilities.options).map(([name, spec]) => [name, toOptionDto(spec)] as const),
    ),
  }
}

function toLimitDto(limit: ReferenceLimit | null): z.output<typeof referenceLimit> | null {
  return limit && { max: limit.max, roles: limit.roles }
}

function toOptionDto({ type, values, min, max, price }: OptionSpec): z.output<typeof option> {
  const effects = Object.entries(price).map(([value, effect]) => ({ value, ...toEffectDto(effect) }))
  return { type, values, min, max, price_effects: effects }
}

function toEffectDto(effect: PriceEffect) {
  return {
    times: effect.type === 'times' ? effect.factor : null,
    per_second_usd: effect.type === 'per_second' ? toUsd(effect.micros) : null,
    per_request_usd: effect.type === 'per_request' ? toUsd(effect.micros) : null,
  }
}
