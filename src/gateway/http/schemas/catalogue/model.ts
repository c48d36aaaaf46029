import { z } from 'zod'
import { characterInputs } from '../../../domain/catalogue/offer.ts'
import type { Offer } from '../../../domain/catalogue/offer.ts'
import { visualKinds } from '../../../domain/media-kind.ts'
import { chargeMoments, fidelities, sourceSupports } from '../../../domain/routing/upstream.ts'
import type { ListedModel } from '../../../services/catalogue/catalogue.ts'
import { kind } from '../fields.ts'
import { InputsDto, toInputsDto } from './inputs.ts'
import { PicturesDto, toPicturesDto } from './pictures.ts'

const characters = z
  .object({
    fidelity: z.enum(fidelities).nullable().meta({
      description:
        '`native`: the upstream knows the character. `inline`: it is sent the clip or pictures with each create. `reference`: it is shown the clip. Null means no characters.',
    }),
    max: z.int(),
    counts_as: z.enum(characterInputs).meta({
      description: 'Which input a character is for `exclusive`, `required` and `lengths`.',
    }),
    clip_seconds: z
      .object({ min: z.number(), max: z.number() })
      .nullable()
      .meta({ description: 'The accepted length of a character clip. Null means any.' }),
  })
  .meta({ id: 'ModelCharacters' })

const source = z.enum(sourceSupports)

const offer = z
  .object({
    upstream: z.string(),
    kind,
    dialect: z.string(),
    available: z
      .boolean()
      .meta({ description: 'False while the upstream fails or does not serve the model.' }),
    pictures: z.array(PicturesDto),
    inputs: InputsDto,
    reference: z.array(z.enum(visualKinds)).meta({ description: 'What `reference` may be.' }),
    sources: z.object({ remix: source, edit: source, extension: source }).meta({
      id: 'ModelSources',
      description: 'The videos that others are made from. `own`: only those rendered there.',
    }),
    characters,
    max_prompt_characters: z.int().nullable().meta({ description: 'Null means any length.' }),
    charged_on: z.enum(chargeMoments),
    success_rate: z.number().min(0).max(1).nullable().meta({
      description: 'Of the recent attempts there, of all models. Null means not measured.',
    }),
    latency_seconds: z.number().nullable().meta({
      description: 'The median time from submission to completion there, of all models.',
    }),
  })
  .meta({ id: 'ModelOffer', description: 'What one upstream offers of a model.' })

const exampleRatios = ['16:9', '9:16', 'auto']

const example = {
  id: 'seedance-2',
  object: 'model',
  default: false,
  upstreams: [
    {
      upstream: 'byteplus',
      kind: 'official',
      dialect: 'ark-tasks',
      available: true,
      pictures: [
        {
          resolution: '720p',
          aspect_ratios: exampleRatios,
          sizes: ['1280x720', '720x1280'],
          lengths: [{ inputs: null, durations: [5, 10], whole_seconds: false, max_seconds: null }],
          prices: [{ audio: null, per: 'second', usd: 0.142 }],
        },
        {
          resolution: '1080p',
          aspect_ratios: exampleRatios,
          sizes: [],
          lengths: [
            { inputs: ['references'], durations: [5], whole_seconds: false, max_seconds: null },
            { inputs: null, durations: [5, 10], whole_seconds: false, max_seconds: null },
          ],
          prices: [{ audio: null, per: 'second', usd: 0.354 }],
        },
      ],
      inputs: {
        first_frame: true,
        last_frame: 'with_first_frame',
        references: {
          image: { max: 9, roles: null },
          video: { max: 3, roles: null },
          audio: { max: 3, roles: null },
          max: 12,
        },
        exclusive: [['first_frame', 'references']],
        required: [],
        audio: 'optional',
        seed: 'accepted',
        negative_prompt: 'unsupported',
        options: {
          camera_fixed: { type: 'boolean', values: null, min: null, max: null, price_effects: [] },
        },
      },
      reference: ['image', 'video'],
      sources: { remix: 'any', edit: 'any', extension: 'none' },
      characters: { fidelity: 'reference', max: 1, counts_as: 'characters', clip_seconds: null },
      max_prompt_characters: null,
      charged_on: 'success',
      success_rate: 0.97,
      latency_seconds: 84,
    },
  ],
}

export const ModelDto = z
  .object({
    id: z.string().meta({ description: 'What `model` of a request is.' }),
    object: z.literal('model'),
    default: z.boolean().meta({ description: 'Whether requests without `model` use it.' }),
    upstreams: z.array(offer).meta({ description: 'In the order of the configuration.' }),
  })
  .meta({ id: 'Model', description: 'A model that the key may use.', examples: [example] })

export const ModelPage = z
  .object({
    data: z.array(ModelDto).meta({ description: 'Sorted by ID.' }),
    has_more: z.boolean(),
    next_cursor: z
      .string()
      .nullable()
      .meta({ description: 'Send it as `cursor` to get the next page. Null on the last one.' }),
  })
  .meta({ id: 'ModelPage', description: 'One page of a list.' })

export type ModelDto = z.output<typeof ModelDto>

function toOfferDto(found: Offer): z.output<typeof offer> {
  return {
    upstream: found.upstream,
    kind: found.kind,
    dialect: found.dialect,
    available: found.available,
    pictures: found.pictures.map(toPicturesDto),
    inputs: toInputsDto(found.capabilities),
    reference: found.reference,
    sources: found.sources,
    characters: {
      fidelity: found.characters.fidelity,
      max: found.characters.max,
      counts_as: found.characters.countsAs,
      clip_seconds: found.characters.clipSeconds,
    },
    max_prompt_characters: found.maxPromptCharacters,
    charged_on: found.chargedOn,
    success_rate: found.successRate,
    latency_seconds: found.latencyMs === null ? null : found.latencyMs / 1000,
  }
}

export function toModelDto({ id, isDefault, offers }: ListedModel): ModelDto {
  return { id, object: 'model', default: isDefault, upstreams: offers.map(toOfferDto) }
}
