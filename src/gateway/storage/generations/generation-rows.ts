import { attentionAt } from '../../domain/generation/search/attention.ts'
import { slotUntil } from '../../domain/attempts/slot.ts'
import { countableMicros } from '../../domain/attempts/vendor-cost.ts'
import { headroomMicros } from '../../domain/generation/derived.ts'
import { phasesOf, roundedMs } from '../../domain/statistics/phases.ts'
import { duePool } from '../../domain/scheduling/step-pool.ts'
import { verdictAt } from '../../domain/scheduling/last-poll.ts'
import type { Attempt, Generation } from '../../domain/generation/generation.ts'
import type { GenerationRequest } from '../../domain/generation/request.ts'
import { generationDocument } from './generation-document.ts'
import type { AttemptsTable, GenerationsTable } from '../tables/generation-tables.ts'

/** Columns that are derived from the generation. The store maintains the others. */
export type GenerationColumns = Pick<
  GenerationsTable,
  | 'id'
  | 'status'
  | 'due_at'
  | 'due_pool'
  | 'expires_at'
  | 'headroom_micros'
  | 'video_at'
  | 'error'
  | 'attention_at'
  | 'doc'
>

export function generationColumns(generation: Generation): GenerationColumns {
  return {
    id: generation.id,
    status: generation.status,
    due_at: generation.dueAt,
    due_pool: duePool(generation),
    expires_at: generation.dueAt === null ? null : verdictAt(generation),
    headroom_micros: headroomMicros(generation),
    video_at: videoAt(generation),
    error: generation.error?.code ?? null,
    attention_at: attentionAt(generation),
    doc: JSON.stringify(generation),
  }
}

export function parseGeneration(doc: string): Generation {
  return generationDocument.parse(JSON.parse(doc))
}

function videoAt({ video, completedAt }: Generation): number | null {
  return video === null || video.expiredAt !== null ? null : completedAt
}

export function attemptRow(generation: Generation, attempt: Attempt): AttemptsTable {
  const { id, tenant, key, request } = generation
  const { queue, render, download } = phasesOf(generation, attempt)
  return {
    id: attempt.id,
    generation_id: id,
    generation: id,
    tenant,
    key,
    upstream: attempt.upstream,
    kind: attempt.kind,
    model: request.model,
    characters: charactersText(request),
    state: attempt.state,
    upstream_id: attempt.upstreamId,
    reserved_micros: attempt.reservedMicros,
    cost_micros: attempt.costMicros,
    cost_state: attempt.costState,
    cheapest_micros: attempt.baseline?.cheapestMicros ?? null,
    official_micros: attempt.baseline?.officialMicros ?? null,
    vendor_micros: countableMicros(attempt.vendorCostMicros),
    list_micros: attempt.listMicros ?? null,
    vendor_read: 1,
    delivered: attempt.delivered ? 1 : 0,
    failure_code: attempt.failure?.code ?? null,
    started_at: attempt.startedAt,
    submitted_at: attempt.submittedAt,
    accepted_at: attempt.acceptedAt,
    ended_at: attempt.endedAt,
    queue_ms: queue === null ? null : roundedMs(queue),
    render_ms: render === null ? null : roundedMs(render),
    download_ms: download === null ? null : roundedMs(download),
    slot_until: slotUntil(generation, attempt),
    counted: 1,
  }
}

/** Sorted, so that the order of the characters in the prompt does not matter. */
function charactersText({ characters }: GenerationRequest): string {
  if (characters.length === 0) return '[]'
  const uses = characters.map(({ id, name }) => ({ id, name }))
  return JSON.stringify(uses.toSorted((a, b) => (a.id < b.id ? -1 : 1)))
}
