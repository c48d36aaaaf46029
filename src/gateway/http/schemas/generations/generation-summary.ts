import { z } from 'zod'
import { pageOf } from '../paging.ts'
import { AttemptDto } from './attempt.ts'
import { GenerationDto, exampleGeneration } from './generation.ts'
import { RoutePlanDto } from './plan.ts'

const { shape } = GenerationDto

const candidate = RoutePlanDto.shape.candidates.element
  .pick({ upstream: true, kind: true })
  .meta({ id: 'SummaryCandidate', description: 'An upstream that can render the video.' })

const route = RoutePlanDto.pick({ estimated_cost_usd: true, worst_case_cost_usd: true })
  .extend({ candidates: z.array(candidate).meta({ description: 'In the order in which they are tried.' }) })
  .meta({ id: 'SummaryRoute', description: 'The route without reasons and exclusions.' })

const failure = AttemptDto.shape.failure
  .unwrap()
  .pick({ code: true })
  .meta({ id: 'SummaryFailure', description: 'Why an attempt delivered no video.' })

const attempt = AttemptDto.pick({
  id: true,
  upstream: true,
  kind: true,
  state: true,
  started_at: true,
  ended_at: true,
  cost_usd: true,
  cost_state: true,
  delivered: true,
})
  .extend({ failure: failure.nullable() })
  .meta({
    id: 'SummaryAttempt',
    description: 'An attempt without its prompt, the words of the upstream and how the cost was found.',
  })

const video = shape.video
  .unwrap()
  .pick({ url: true, bytes: true })
  .meta({ id: 'SummaryVideo', description: 'The video in the archive.' })

const error = shape.error
  .unwrap()
  .pick({ code: true })
  .meta({ id: 'SummaryError', description: 'Why the generation ended without a video.' })

export const GenerationSummary = GenerationDto.pick({
  id: true,
  object: true,
  tenant: true,
  key: true,
  status: true,
  progress: true,
  prompt: true,
  model: true,
  duration: true,
  size: true,
  cost_usd: true,
  reserved_cost_usd: true,
  metadata: true,
  created_at: true,
  completed_at: true,
})
  .extend({
    route,
    attempts: z.array(attempt),
    video: video.nullable(),
    error: error.nullable(),
  })
  .meta({
    id: 'GenerationSummary',
    description:
      'A Generation without `characters`, `source`, `inputs`, `warnings` and `cost_source`, and with the most important members of its route, attempts, video and error. Every member has the value that it has in the Generation.',
    examples: [toGenerationSummary(GenerationDto.parse(exampleGeneration))],
  })

export type GenerationSummary = z.output<typeof GenerationSummary>

export const GenerationSummaryPage = pageOf('GenerationSummaryPage', GenerationSummary)

/** What a row of a list needs. */
export function toGenerationSummary(whole: GenerationDto) {
  const { route: planned, video: archived, error: failed } = whole
  return {
    id: whole.id,
    object: whole.object,
    tenant: whole.tenant,
    key: whole.key,
    status: whole.status,
    progress: whole.progress,
    prompt: whole.prompt,
    model: whole.model,
    duration: whole.duration,
    size: whole.size,
    route: {
      candidates: planned.candidates.map(({ upstream, kind }) => ({ upstream, kind })),
      estimated_cost_usd: planned.estimated_cost_usd,
      worst_case_cost_usd: planned.worst_case_cost_usd,
    },
    attempts: whole.attempts.map(toSummaryAttempt),
    cost_usd: whole.cost_usd,
    reserved_cost_usd: whole.reserved_cost_usd,
    video: archived && { url: archived.url, bytes: archived.bytes },
    error: failed && { code: failed.code },
    metadata: whole.metadata,
    created_at: whole.created_at,
    completed_at: whole.completed_at,
  }
}

function toSummaryAttempt(whole: AttemptDto): z.output<typeof attempt> {
  return {
    id: whole.id,
    upstream: whole.upstream,
    kind: whole.kind,
    state: whole.state,
    started_at: whole.started_at,
    ended_at: whole.ended_at,
    failure: whole.failure && { code: whole.failure.code },
    cost_usd: whole.cost_usd,
    cost_state: whole.cost_state,
    delivered: whole.delivered,
  }
}
