import { z } from 'zod'
import { changeTypes, resyncReasons } from '../../../domain/changes/change.ts'
import type { GenerationChange } from '../../../domain/changes/change.ts'
import { generationErrorCodes } from '../../../domain/generation/failure.ts'
import { attemptStates } from '../../../domain/generation/generation.ts'
import { generationStatuses } from '../../../domain/generation/history.ts'
import type { Told, ToldChange } from '../../../services/changes/changes.ts'
import { exampleGenerationId, generationId, timestamp, toTimestamp, toUsd, usd } from '../fields.ts'
import { shownWord } from '../shown-word.ts'
import { UpstreamDto, toUpstreamDto } from './upstream.ts'

const common = {
  at: timestamp,
  seq: z.int().positive().meta({ description: 'Grows with every change, also across restarts.' }),
}

const GenerationChanged = z
  .object({
    type: z.literal(changeTypes[0]),
    ...common,
    id: generationId,
    tenant: z.string(),
    status: shownWord(generationStatuses),
    progress: z.number().min(0).max(100),
    state: shownWord(attemptStates).nullable().meta({
      description:
        'Of one attempt: one whose outcome is unknown, else one that is overdue, else the one under way, else the latest. Null before the first.',
    }),
    upstream: z.string().nullable().meta({ description: 'Where that attempt is.' }),
    attempts: z.int().min(0).meta({ description: 'How many attempts there are.' }),
    error: shownWord(generationErrorCodes).nullable(),
    cost_usd: usd.meta({ description: 'The cost of settled attempts.' }),
    reserved_cost_usd: usd.meta({
      description: 'The highest possible cost of attempts that are not settled.',
    }),
    paid_without_video_usd: usd.meta({ description: 'The part of `cost_usd` that brought no video.' }),
  })
  .meta({ id: 'GenerationChanged', description: 'The state of a generation after one or more changes.' })

const GenerationRemoved = z
  .object({ type: z.literal(changeTypes[1]), ...common, id: generationId, tenant: z.string() })
  .meta({ id: 'GenerationRemoved', description: 'A generation was deleted.' })

const UpstreamChanged = z
  .object({
    type: z.literal(changeTypes[2]),
    ...common,
    ...UpstreamDto.pick({
      id: true,
      enabled: true,
      pause: true,
      health: true,
      breakers: true,
      outages: true,
    }).shape,
  })
  .meta({
    id: 'UpstreamChanged',
    description: 'An upstream after a breaker, an outage, a pause or its free slots changed.',
  })

const Resync = z.object({ type: z.literal(changeTypes[3]), ...common, reason: z.enum(resyncReasons) }).meta({
  id: 'Resync',
  description:
    'Changes before this one may be missing: read again what you show. `restarted`: the gateway was restarted since, or another node answers. `missed`: more changed than is remembered.',
})

const Heartbeat = z
  .object({ type: z.literal(changeTypes[4]), ...common })
  .meta({ id: 'Heartbeat', description: 'Nothing has changed for 15 seconds.' })

export const Change = z
  .discriminatedUnion('type', [GenerationChanged, GenerationRemoved, UpstreamChanged, Resync, Heartbeat])
  .meta({
    id: 'Change',
    description:
      'The `data` of one server-sent event. The `id` of the event is `seq` and its `event` is `type`.',
    examples: [
      {
        type: 'generation.changed',
        at: '2026-11-22T15:05:11.000Z',
        seq: 179563591100001,
        id: exampleGenerationId,
        tenant: 'studio',
        status: 'in_progress',
        progress: 40,
        state: 'running',
        upstream: 'reseller-a',
        attempts: 1,
        error: null,
        cost_usd: 0,
        reserved_cost_usd: 0.12,
        paid_without_video_usd: 0,
      },
    ],
  })
type ChangeDto = z.output<typeof Change>

/** One server-sent event as its fields; in the stream each is a line, and an empty line ends it. */
export const ChangeFrame = z
  .object({
    id: z.string().meta({ description: 'The `seq` of the event, for `Last-Event-ID`.' }),
    event: z.string().meta({ description: 'The `type` of the event.' }),
    data: z.string().meta({
      description: 'A Change as JSON.',
      contentMediaType: 'application/json',
      contentSchema: { $ref: '#/components/schemas/Change' },
    }),
  })
  .meta({
    id: 'ChangeFrame',
    examples: [
      {
        id: '179563591100001',
        event: 'heartbeat',
        data: '{"type":"heartbeat","at":"2026-11-22T15:05:11.000Z","seq":179563591100001}',
      },
    ],
  })

/** What many readers get is written once. */
const written = new WeakMap<readonly Told[], Buffer>()

/** Frames of `text/event-stream`, for one write. JSON has no raw line breaks, so the data of each is one line. */
export function toChangeFrames(told: readonly Told[]): Buffer {
  const known = written.get(told)
  if (known !== undefined) return known
  const frames = Buffer.from(told.map(toChangeFrame).join(''))
  written.set(told, frames)
  return frames
}

function toChangeFrame({ seq, change }: Told): string {
  const data = JSON.stringify(toChangeDto(seq, change))
  return `id: ${seq}\nevent: ${change.type}\ndata: ${data}\n\n`
}

function toChangeDto(seq: number, change: ToldChange): ChangeDto {
  const at = toTimestamp(change.at)
  switch (change.type) {
    case 'generation.changed':
      return { ...toGenerationChanged(change), at, seq }
    case 'upstream.changed': {
      const { id, enabled, pause, health, breakers, outages } = toUpstreamDto(change.upstream, {
        seesSpend: false,
      })
      return { type: change.type, at, seq, id, enabled, pause, health, breakers, outages }
    }
    case 'generation.removed':
    case 'resync':
    case 'heartbeat':
      return { ...change, at, seq }
  }
}

function toGenerationChanged(change: GenerationChange) {
  const { paidMicros, mayStillBeChargedMicros, paidWithoutVideoMicros, ...rest } = change
  return {
    ...rest,
    cost_usd: toUsd(paidMicros),
    reserved_cost_usd: toUsd(mayStillBeChargedMicros),
    paid_without_video_usd: toUsd(paidWithoutVideoMicros),
  }
}
