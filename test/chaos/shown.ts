import * as z from 'zod'

/** What the public API shows, as far as it is compared. */
const attempt = z.object({
  id: z.string(),
  upstream: z.string(),
  kind: z.string(),
  state: z.string(),
  upstream_id: z.string().nullable(),
  fidelity: z.enum(['native', 'reference']).nullable(),
  started_at: z.string(),
  failure: z.object({ code: z.string(), message: z.string() }).nullable(),
  cost_usd: z.number(),
  cost_state: z.enum(['reserved', 'settled']),
})

export const shownGeneration = z.object({
  id: z.string(),
  status: z.string(),
  prompt: z.string(),
  attempts: z.array(attempt),
  cost_usd: z.number(),
  reserved_cost_usd: z.number(),
  warnings: z.array(z.object({ code: z.string(), detail: z.string() })),
  video: z.object({ url: z.string(), bytes: z.number(), sha256: z.string() }).nullable(),
  error: z.object({ code: z.string(), message: z.string() }).nullable(),
  created_at: z.string(),
})

export const shownPage = z.object({
  data: z.array(shownGeneration),
  has_more: z.boolean(),
  next_cursor: z.string().nullable(),
})

const event = z.looseObject({
  seq: z.int(),
  type: z.string(),
  at: z.string(),
  attempt: z.string().optional(),
  code: z.string().optional(),
})

export const shownEvents = z.object({
  data: z.array(event),
  has_more: z.boolean(),
  next_after: z.int(),
})

export type ShownGeneration = z.output<typeof shownGeneration>
export type ShownAttempt = z.output<typeof attempt>
export type ShownEvent = z.output<typeof event>

export const finalStatuses = new Set(['completed', 'failed', 'cancelled'])
/** Attempts of which something is still to be learnt. */
export const liveStates = new Set(['binding', 'submitting', 'running', 'archiving', 'abandoned'])

export interface Frame {
  id: string | null
  event: ShownEvent
}

/** Splits off the whole frames of a `text/event-stream`; what is left of the text may be half a frame. */
export function framesOf(text: string): { frames: Frame[]; rest: string } {
  const blocks = text.split('\n\n')
  const rest = blocks.pop() ?? ''
  return { frames: blocks.flatMap((block) => frameOf(block.split('\n'))), rest }
}

function frameOf(lines: string[]): Frame[] {
  const field = (name: string): string | null =>
    lines.find((line) => line.startsWith(`${name}: `))?.slice(name.length + 2) ?? null
  const data = field('data')
  return data === null ? [] : [{ id: field('id'), event: event.parse(JSON.parse(data)) }]
}
