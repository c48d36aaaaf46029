import { z } from 'zod'
import { breakerStates, characterModes, chargeMoments } from '../../../domain/routing/upstream.ts'
import { costSources } from '../../../domain/attempts/vendor-cost.ts'
import { noCapabilities } from '../../../domain/inputs/capabilities.ts'
import { picturesOf } from '../../../domain/catalogue/pictures.ts'
import type { BreakerView, Price, UpstreamView } from '../../../domain/routing/upstream.ts'
import { kind, timestamp, toTimestamp, toTimestampOrNull, toUsd, usd } from '../fields.ts'
import { visualKinds } from '../../../domain/media-kind.ts'
import { PauseDto, toPauseDto } from './pause.ts'
import { UpstreamSpendDto, toSpendDto } from './upstream-spend.ts'
import { InputsDto, toInputsDto } from '../catalogue/inputs.ts'
import { PicturesDto, toPicturesDto } from '../catalogue/pictures.ts'

const breaker = z
  .object({
    state: z.enum(breakerStates),
    retry_at: timestamp.nullable().meta({ description: 'When the breaker lets one trial request through.' }),
  })
  .meta({ id: 'Breaker' })

const outage = z
  .object({
    model: z.string().meta({ description: 'The name of the model at the upstream.' }),
    reason: z.string().meta({ description: 'The response of the upstream.' }),
    until: timestamp.meta({ description: 'When the model is tried again.' }),
  })
  .meta({ id: 'Outage' })
const breakers = z
  .object({ create: breaker, poll: breaker, fetch: breaker, character: breaker })
  .meta({ id: 'UpstreamBreakers' })

const health = z
  .object({
    success_rate: z
      .number()
      .min(0)
      .max(1)
      .nullable()
      .meta({ description: 'The success rate of recent attempts.' }),
    unexplained_failures: z.int().min(0).meta({
      description:
        'Jobs that failed for an unknown reason (`unexplained`), among the last 500 attempts that ended within a day.',
    }),
    latency_seconds: z
      .number()
      .nullable()
      .meta({ description: 'Median time from submission to completion.' }),
    free_slots: z.int().nullable().meta({ description: 'Null means no limit.' }),
    max_in_flight: z.int().nullable(),
  })
  .meta({ id: 'UpstreamHealth' })

const price = z
  .discriminatedUnion('type', [
    z.object({ type: z.literal('per_request'), usd }).meta({ id: 'PricePerRequest' }),
    z
      .object({
        type: z.literal('per_second'),
        usd: z
          .record(z.string(), usd)
          .meta({ description: 'Price per size. `default` applies to all other sizes.' }),
      })
      .meta({ id: 'PricePerSecond' }),
  ])
  .meta({ id: 'Price' })

export const UpstreamDto = z
  .object({
    id: z.string(),
    kind,
    dialect: z.string(),
    enabled: z.boolean(),
    pause: PauseDto.nullable().meta({ description: 'What keeps creates from it. Null if nothing does.' }),
    models: z.array(z.string()).meta({ description: 'The names that requests use.' }),
    durations: z
      .array(z.number())
      .nullable()
      .meta({ description: 'The lengths offered, in seconds. Null means any.' }),
    sizes: z.array(z.string()).nullable().meta({ description: 'Null means any.' }),
    pictures: z.array(PicturesDto).meta({ description: 'What can be asked for, by resolution.' }),
    inputs: InputsDto,
    references: z.array(z.enum(visualKinds)).meta({ description: 'What `reference` may be.' }),
    characters: z.enum(characterModes),
    max_characters: z.int(),
    character_clip_seconds: z
      .object({ min: z.number(), max: z.number() })
      .nullable()
      .meta({ description: 'The accepted length of a character clip. Null means any.' }),
    max_prompt_characters: z
      .int()
      .nullable()
      .meta({ description: 'The longest prompt accepted, after rewriting. Null means any length.' }),
    price,
    input_second_usd: usd.meta({ description: 'The price per second of each video input.' }),
    charged_on: z.enum(chargeMoments),
    settle_by: z.enum(costSources).meta({
      description: 'Whether the price or the cost reported by the upstream counts as the cost of a job.',
    }),
    health,
    breakers,
    spend: UpstreamSpendDto.nullable().meta({
      description: 'Null for keys without one of the scopes `admin`, `observe` and `operate`.',
    }),
    outages: z.array(outage).meta({
      description:
        'Models that the upstream reports as removed, paused or not deployed. No requests are sent for them.',
    }),
  })
  .meta({
    id: 'Upstream',
    description: 'A configured endpoint that renders video, with its current state.',
    examples: [
      {
        id: 'reseller-a',
        kind: 'reverse',
        dialect: 'sora-tasks',
        enabled: true,
        pause: null,
        models: ['sora-2'],
        durations: [5, 10, 15],
        sizes: ['1280x720', '720x1280'],
        pictures: [
          {
            resolution: '720p',
            aspect_ratios: ['16:9', '9:16'],
            sizes: ['1280x720', '720x1280'],
            lengths: [{ inputs: null, durations: [5, 10, 15], whole_seconds: false, max_seconds: null }],
            prices: [{ audio: null, per: 'video', usd: 0.12 }],
          },
        ],
        inputs: {
          first_frame: false,
          last_frame: 'none',
          references: { image: null, video: null, audio: null, max: null },
          exclusive: [],
          required: [],
          audio: null,
          seed: 'dropped',
          negative_prompt: 'unsupported',
          options: {},
        },
        references: [],
        characters: 'native',
        max_characters: 5,
        character_clip_seconds: { min: 1, max: 3 },
        max_prompt_characters: null,
        price: { type: 'per_request', usd: 0.12 },
        input_second_usd: 0,
        charged_on: 'success',
        settle_by: 'price_list',
        health: {
          success_rate: 0.97,
          unexplained_failures: 3,
          latency_seconds: 84,
          free_slots: 41,
          max_in_flight: 50,
        },
        breakers: {
          create: { state: 'open', retry_at: '2026-11-22T15:04:35.000Z' },
          poll: { state: 'closed', retry_at: null },
          fetch: { state: 'closed', retry_at: null },
          character: { state: 'closed', retry_at: null },
        },
        spend: {
          spent_today_usd: 8.4,
          reserved_today_usd: 0.36,
          cap_usd: 10,
          left_usd: 1.24,
          resets_at: '2026-11-23T00:00:00.000Z',
        },
        outages: [
          {
            model: 'sora-2',
            reason: 'HTTP 500: This interface is temporarily paused',
            until: '2026-11-22T15:19:05.000Z',
          },
        ],
      },
    ],
  })

export const UpstreamList = z
  .object({ data: z.array(UpstreamDto), has_more: z.boolean(), next_cursor: z.string().nullable() })
  .meta({
    id: 'UpstreamList',
    description: 'All upstreams in the order of the configuration. There is only one page.',
  })

export type UpstreamDto = z.output<typeof UpstreamDto>
export type UpstreamList = z.output<typeof UpstreamList>

function toPriceDto(given: Price): UpstreamDto['price'] {
  if (given.type === 'per_request') return { type: 'per_request', usd: toUsd(given.micros) }
  const bySize = Object.entries(given.micros).map(([size, micros]) => [size, toUsd(micros)] as const)
  return { type: 'per_second', usd: Object.fromEntries(bySize) }
}

function toBreakerDto({ state, retryAt }: BreakerView): UpstreamDto['breakers']['create'] {
  return { state, retry_at: toTimestampOrNull(retryAt) }
}

export function toUpstreamDto(view: UpstreamView, { seesSpend }: { seesSpend: boolean }): UpstreamDto {
  const { spec } = view
  return {
    id: spec.id,
    kind: spec.kind,
    dialect: spec.dialect,
    enabled: view.enabled,
    pause: view.pause == null ? null : toPauseDto(view.pause),
    models: Object.keys(spec.models),
    durations: spec.durations,
    sizes: spec.sizes,
    pictures: picturesOf(spec).map(toPicturesDto),
    inputs: toInputsDto(spec.capabilities ?? noCapabilities),
    references: spec.references,
    characters: spec.characters,
    max_characters: spec.maxCharacters,
    character_clip_seconds: spec.characterClip && {
      min: spec.characterClip.minSeconds,
      max: spec.characterClip.maxSeconds,
    },
    max_prompt_characters: spec.maxPromptCharacters,
    price: toPriceDto(spec.price),
    input_second_usd: toUsd(spec.inputSecondMicros ?? 0),
    charged_on: spec.chargedOn,
    settle_by: spec.costRules?.settleBy ?? 'price_list',
    health: {
      success_rate: view.successRate,
      unexplained_failures: view.unexplainedFailures,
      latency_seconds: view.latencyMs === null ? null : view.latencyMs / 1000,
      free_slots: view.freeSlots,
      max_in_flight: spec.maxInFlight,
    },
    breakers: {
      create: toBreakerDto(view.breakers.create),
      poll: toBreakerDto(view.breakers.poll),
      fetch: toBreakerDto(view.breakers.fetch),
      character: toBreakerDto(view.breakers.character),
    },
    spend: seesSpend && view.spend !== undefined ? toSpendDto(view.spend, spec) : null,
    outages: view.outages.map(({ until, ...rest }) => ({ ...rest, until: toTimestamp(until) })),
  }
}
