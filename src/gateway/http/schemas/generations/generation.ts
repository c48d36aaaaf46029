import { z } from 'zod'
import { generationErrorCodes, outlinedWarning, warningCodes } from '../../../domain/generation/failure.ts'
import { generationStatuses } from '../../../domain/generation/history.ts'
import { sourceKinds } from '../../../domain/generation/request.ts'
import { costSourceOf, costSources } from '../../../domain/attempts/vendor-cost.ts'
import { shownWord } from '../shown-word.ts'
import type { View } from '../../../domain/accounts/view.ts'
import type { Generation } from '../../../domain/generation/generation.ts'
import { startWarning } from '../../../domain/scheduling/estimated-start.ts'
import { withShownTimes } from '../../../domain/generation/shown-times.ts'
import type { Fidelity } from '../../../domain/routing/upstream.ts'
import { AttemptDto, exampleAttempt, toAttemptDto } from './attempt.ts'
import {
  exampleCharacterId,
  exampleGenerationId,
  fidelity,
  generationId,
  timestamp,
  toTimestamp,
  toTimestampOrNull,
  toUsd,
  usd,
  withheld,
} from '../fields.ts'
import { UsedInputs, toUsedInputs } from './shown-inputs.ts'
import { pageOf } from '../paging.ts'
import { RoutePlanDto, examplePlan, toPlanDto } from './plan.ts'
import { VideoDto, exampleVideo, toVideoDto } from './video.ts'
import type { SignedAddresses } from '../../../services/generations/signed-addresses.ts'

/** As a filter. */
export const generationStatus = z.enum(generationStatuses)

const characterUse = z
  .object({
    id: z.string(),
    name: z.string(),
    fidelity: fidelity
      .nullable()
      .meta({ description: 'The fidelity of the attempt, or the planned one before the first attempt.' }),
  })
  .meta({ id: 'CharacterUse', description: 'A character of the prompt, with its name at that time.' })

const source = z
  .object({
    kind: shownWord(sourceKinds),
    generation_id: generationId
      .nullable()
      .meta({ description: 'The generation used as the source. Null for an uploaded file.' }),
  })
  .meta({ id: 'SourceVideo', description: 'The video that the request was based on.' })

export const warning = z
  .object({
    // The last one is of an earlier release.
    code: shownWord([...warningCodes, 'influence_ignored']),
    detail: z.string(),
  })
  .meta({ id: 'Warning', description: 'A difference from the request.' })

const generationError = z
  .object({
    code: shownWord(generationErrorCodes),
    message: z.string().nullable().meta({ description: withheld }),
  })
  .meta({ id: 'GenerationError', description: 'Why the generation ended without a video.' })

export const exampleGeneration = {
  id: exampleGenerationId,
  object: 'generation',
  tenant: 'studio',
  key: 'marketing',
  status: 'completed',
  progress: 100,
  prompt: '@coffee_girl walks on the beach at sunset',
  model: 'sora-2',
  duration: 10,
  size: '1280x720',
  characters: [{ id: exampleCharacterId, name: 'coffee_girl', fidelity: 'reference' }],
  source: null,
  inputs: null,
  route: examplePlan,
  attempts: [
    exampleAttempt,
    {
      ...exampleAttempt,
      id: 'att_01kasp3w0f7d2n5x8j4c6v1h9s',
      upstream: 'openai',
      kind: 'official',
      state: 'succeeded',
      upstream_id: 'video_68f2',
      fidelity: 'reference',
      prompt: 'a woman in a green apron walks on the beach at sunset',
      ended_at: '2026-11-22T15:06:40.000Z',
      failure: null,
      cost_usd: 1,
      delivered: true,
    },
  ],
  cost_usd: 1,
  cost_source: 'price_list',
  reserved_cost_usd: 0,
  warnings: [
    {
      code: 'character_reference_used',
      detail:
        'openai does not support characters natively; it receives the clip of @coffee_girl and the description.',
    },
  ],
  video: exampleVideo,
  error: null,
  metadata: { shot: '12b' },
  created_at: '2026-11-22T15:04:05.000Z',
  estimated_start: null,
  completed_at: '2026-11-22T15:06:40.000Z',
}

export const GenerationDto = z
  .object({
    id: generationId,
    object: z.literal('generation'),
    tenant: z.string().meta({ description: 'The tenant that it belongs to.' }),
    key: z.string().meta({ description: 'The name of the key that created it.' }),
    status: shownWord(generationStatuses),
    progress: z.number().min(0).max(100),
    prompt: z
      .string()
      .nullable()
      .meta({
        description: `${withheld} So are the prompts of attempts, the texts of \`inputs\` and all messages of upstreams.`,
      }),
    model: z.string(),
    duration: z.number().meta({ description: 'The requested length in seconds.' }),
    size: z.string(),
    characters: z.array(characterUse),
    source: source.nullable().meta({ description: 'Null for a video made from text only.' }),
    inputs: UsedInputs.nullable().meta({ description: 'Null if the request has no such inputs.' }),
    route: RoutePlanDto,
    attempts: z.array(AttemptDto),
    cost_usd: usd.meta({ description: 'The cost of settled attempts.' }),
    cost_source: shownWord(costSources).meta({
      description:
        '`vendor` if all of `cost_usd` was reported by upstreams; `price_list` if any of it follows the configured prices.',
    }),
    reserved_cost_usd: usd.meta({
      description: 'The highest possible cost of attempts that are not settled.',
    }),
    warnings: z.array(warning),
    video: VideoDto.nullable(),
    error: generationError.nullable(),
    metadata: z.record(z.string(), z.string()),
    created_at: timestamp,
    estimated_start: timestamp.nullable().meta({
      description:
        'When it is expected to be sent to an upstream, while it waits in the queue. Null if that is not known, once it was sent, and in lists. After the deadline, the warning `start_after_deadline` says so.',
    }),
    completed_at: timestamp.nullable(),
  })
  .meta({
    id: 'Generation',
    description: 'One request for a video, with its attempts and result.',
    examples: [exampleGeneration],
  })

export type GenerationDto = z.output<typeof GenerationDto>

export const GenerationPage = pageOf('GenerationPage', GenerationDto)

/** How characters are rendered: by the attempt that delivered, else by the latest, else as planned. */
function fidelityOf({ attempts, plan }: Generation): Fidelity | null {
  const telling = attempts.find(({ state }) => state === 'succeeded') ?? attempts.at(-1) ?? plan.candidates[0]
  return telling?.fidelity ?? null
}

/**
 * `startsAt`: when it is expected to be sent, ms since the epoch. In outline, without prompts and without texts of upstreams,
 * which may repeat a prompt. `addresses`: null for a caller who gets none.
 */
export function toGenerationDto(
  stored: Generation,
  view: View = 'whole',
  startsAt: number | null = null,
  addresses: SignedAddresses | null = null,
): GenerationDto {
  const isWhole = view === 'whole'
  const generation = withShownTimes(stored)
  const { id, request, attempts, error } = generation
  const asset = generation.video?.expiredAt === null ? generation.video : null
  let settledMicros = 0
  let reservedMicros = 0
  for (const attempt of attempts) {
    if (attempt.costState === 'settled') settledMicros += attempt.costMicros
    else reservedMicros += attempt.reservedMicros
  }
  const shown = fidelityOf(generation)
  const from = request.source ?? null
  return {
    id,
    object: 'generation',
    tenant: generation.tenant,
    key: generation.key,
    status: generation.status,
    progress: generation.progress,
    prompt: isWhole ? request.prompt : null,
    model: request.model,
    duration: request.durationSeconds,
    size: request.size,
    characters: request.characters.map((use) => ({ id: use.id, name: use.name, fidelity: shown })),
    source: from && { kind: from.kind, generation_id: from.generationId },
    inputs: toUsedInputs(request, view),
    route: toPlanDto(generation.plan),
    attempts: attempts.map((attempt) => toAttemptDto(attempt, view)),
    cost_usd: toUsd(settledMicros),
    cost_source: costSourceOf(attempts),
    reserved_cost_usd: toUsd(reservedMicros),
    warnings: [...generation.warnings, ...startWarning(generation, startsAt)].map(
      isWhole ? ({ code, detail }) => ({ code, detail }) : outlinedWarning,
    ),
    video: asset && toVideoDto(id, asset, addresses),
    error: error && { code: error.code, message: isWhole ? error.message : null },
    metadata: request.metadata,
    created_at: toTimestamp(generation.createdAt),
    estimated_start: toTimestampOrNull(startsAt),
    completed_at: toTimestampOrNull(generation.completedAt),
  }
}
