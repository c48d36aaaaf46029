import { z } from 'zod'
import type { Character, Plan } from '../../gateway/shapes.ts'
import { quoted, quotedOrNull, quotedText, word } from './quoted.ts'
import type { ShownGeneration } from './shapes.ts'

/** The most entries of a list that are shown. */
const mostEntries = 30

const longText = 1000

/** What tools and resources show of a generation. */
export const generationView = z.object({
  id: z.string(),
  status: z.string(),
  progress: z.number().describe('0 to 100'),
  prompt: quotedText.nullable(),
  model: z.string(),
  duration_seconds: z.number(),
  size: z.string(),
  cost_usd: z.number().describe('settled'),
  reserved_cost_usd: z.number().describe('may still be charged'),
  video: z.object({ bytes: z.number() }).nullable(),
  error: z.object({ code: z.string(), message: quotedText.nullable() }).nullable(),
  attempts: z.array(
    z.object({
      upstream: z.string(),
      kind: z.string(),
      state: z.string(),
      cost_usd: z.number(),
      cost_state: z.string(),
      failure: z.object({ code: z.string(), message: quotedText.nullable() }).nullable(),
    }),
  ),
  warnings: z.array(z.object({ code: z.string(), detail: quotedText })),
  created_at: z.string(),
})

export const planView = z.object({
  estimated_cost_usd: z.number().describe('the price of the first candidate'),
  worst_case_cost_usd: z.number().describe('if every candidate is tried and charges'),
  candidates: z.array(
    z.object({
      upstream: z.string(),
      kind: z.string(),
      fidelity: z.string().nullable(),
      estimated_cost_usd: z.number(),
      reason: quotedText,
    }),
  ),
  excluded: z.array(z.object({ upstream: z.string(), code: z.string(), detail: quotedText })),
})

export const characterView = z.object({
  id: z.string(),
  name: z.string().describe('mention it in a prompt as @name'),
  description: quotedText,
  clip_seconds: z.number().nullable(),
  pictures: z.number(),
  bound_to: z.array(z.string()),
  created_at: z.string(),
})

export type GenerationView = z.output<typeof generationView>
type Failure = { code: string; message: string | null }

export function viewOfGeneration(one: ShownGeneration): GenerationView {
  return {
    id: word(one.id),
    status: word(one.status),
    progress: one.progress,
    prompt: quotedOrNull(one.prompt, longText),
    model: word(one.model),
    duration_seconds: one.duration,
    size: word(one.size),
    cost_usd: one.cost_usd,
    reserved_cost_usd: one.reserved_cost_usd,
    video: one.video === null ? null : { bytes: one.video.bytes },
    error: viewOfFailure(one.error),
    attempts: one.attempts.slice(-mostEntries).map((attempt) => ({
      upstream: word(attempt.upstream),
      kind: word(attempt.kind),
      state: word(attempt.state),
      cost_usd: attempt.cost_usd,
      cost_state: word(attempt.cost_state),
      failure: viewOfFailure(attempt.failure),
    })),
    warnings: one.warnings.slice(0, mostEntries).map(({ code, detail }) => ({
      code: word(code),
      detail: quoted(detail),
    })),
    created_at: word(one.created_at),
  }
}

export function viewOfPlan(plan: Plan): z.output<typeof planView> {
  return {
    estimated_cost_usd: plan.estimated_cost_usd,
    worst_case_cost_usd: plan.worst_case_cost_usd,
    candidates: plan.candidates.slice(0, mostEntries).map((one) => ({
      upstream: word(one.upstream),
      kind: word(one.kind),
      fidelity: one.fidelity === null ? null : word(one.fidelity),
      estimated_cost_usd: one.estimated_cost_usd,
      reason: quoted(one.reason),
    })),
    excluded: plan.excluded.slice(0, mostEntries).map(({ upstream, code, detail }) => ({
      upstream: word(upstream),
      code: word(code),
      detail: quoted(detail),
    })),
  }
}

export function viewOfCharacter(one: Character): z.output<typeof characterView> {
  return {
    id: word(one.id),
    name: word(one.name),
    description: quoted(one.description, longText),
    clip_seconds: one.clip?.duration ?? null,
    pictures: one.stills?.pictures.length ?? 0,
    bound_to: one.bindings.slice(0, mostEntries).map(({ upstream }) => word(upstream)),
    created_at: word(one.created_at),
  }
}

function viewOfFailure(failure: Failure | null): GenerationView['error'] {
  return failure === null ? null : { code: word(failure.code), message: quotedOrNull(failure.message) }
}
