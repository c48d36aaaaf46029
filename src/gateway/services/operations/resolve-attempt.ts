import type { CallName } from '../../domain/accounts/audit.ts'
import type { Client } from '../../domain/accounts/client.ts'
import type { GenerationEvent } from '../../domain/generation/event.ts'
import type { Attempt, Generation } from '../../domain/generation/generation.ts'
import { isPaidInVain } from '../../domain/generation/search/attention.ts'
import type { ResolutionVerdict } from '../../domain/attempts/resolution.ts'
import type { AttemptId, AuditId } from '../../domain/ids.ts'
import type { Json } from '../../domain/json.ts'
import { nextReconcileAt } from '../../domain/scheduling/poll-pacing.ts'
import { Problem } from '../../domain/problem.ts'
import { transition } from '../../domain/attempts/transition.ts'
import type { Clock, Ids } from '../../ports/clock.ts'
import type { EventBus } from '../../ports/event-bus.ts'
import type { GenerationLedger } from '../../ports/generations/generation-ledger.ts'
import type { GenerationStore } from '../../ports/generations/generation-store.ts'
import type { UpstreamDirectory } from '../../ports/upstream.ts'
import type { PlacedAttempt, ResolutionInput } from './attempts.ts'
import { auditEntry } from '../accounts/audit-entry.ts'
import type { Evidence } from './evidence.ts'
import { namedJob, refuseOwned } from '../restore/named-job.ts'
import type { NamedJob } from '../restore/named-job.ts'
import { findAttempt, inState } from './placed-attempt.ts'
import type { FoundAttempt } from './placed-attempt.ts'
import type { UpstreamGate } from '../advance/upstream-gate.ts'

export interface ResolveDeps {
  store: GenerationStore & GenerationLedger
  directory: UpstreamDirectory
  evidence: Evidence
  gate: UpstreamGate
  bus: EventBus
  clock: Clock
  ids: Ids
  routing: { readonly watchMs: number }
  onWork: () => void
}

interface Resolution {
  id: AttemptId
  input: ResolutionInput
  auditId: AuditId
  call: CallName | undefined
}

/** A caller and a worker write beside this one at most. */
const conflictRounds = 8

/** Stores what a person found out, if the attempt can still be resolved so then, together with the audit entry `auditId`. */
export async function resolveAttempt(
  deps: ResolveDeps,
  client: Client,
  { id, input, auditId, call }: Resolution,
): Promise<PlacedAttempt> {
  const { store, gate, bus, onWork } = deps
  const first = await resolvableAttempt(store, id, input.verdict)
  const seen = deps.evidence.watch(first.generation, id)
  const named = input.verdict === 'taken' ? await namedJob(deps, first.attempt, input.upstreamId, seen) : null
  for (let round = 0; round < conflictRounds; round++) {
    const found = await resolvableAttempt(store, id, input.verdict)
    const { generation, version } = found
    if (named !== null) await refuseOwned(store, found.attempt, named.job.upstreamId)
    const { generation: next, entries } = transition(
      generation,
      eventOf(deps, found, { by: client.key, input, named, auditId }),
    )
    const audit = {
      ...auditEntry(deps, {
        actor: client,
        action: 'attempt.resolved',
        subject: id,
        data: {
          generation: generation.id,
          tenant: generation.tenant,
          verdict: input.verdict,
          note: input.note,
          ...detailsOf(input, found.attempt, next),
        },
      }),
      id: auditId,
      call,
    }
    const claim = named && {
      attemptId: id,
      upstream: found.attempt.upstream,
      upstreamId: named.job.upstreamId,
    }
    const outcome = await store.save(next, {
      version,
      entries,
      lease: null,
      audit,
      claim: claim ?? undefined,
    })
    if (outcome !== 'saved') continue
    gate.observe(next)
    bus.publish(next.id)
    onWork()
    const attempt = next.attempts.find((each) => each.id === id) ?? found.attempt
    return { generationId: next.id, attempt }
  }
  throw new Problem('conflict', 'The attempt is being changed. Try again.')
}

/** What the audit log says besides of each verdict. */
function detailsOf(
  input: ResolutionInput,
  { id, costMicros }: Attempt,
  next: Generation,
): { [key: string]: Json } {
  if (input.verdict === 'taken') return { upstream_id: input.upstreamId }
  if (input.verdict === 'not_taken') return { charged: input.charged }
  const cost = next.attempts.find((each) => each.id === id)?.costMicros ?? costMicros
  return { cost_usd: cost / 1e6, cost_before_usd: costMicros / 1e6 }
}

async function resolvableAttempt(
  store: GenerationStore & GenerationLedger,
  id: AttemptId,
  verdict: ResolutionVerdict,
): Promise<FoundAttempt> {
  const found = await findAttempt(store, id)
  const refusal = refusalOf(found, verdict)
  if (refusal === null) return found
  throw inState(found.attempt, refusal)
}

function refusalOf({ generation, attempt }: FoundAttempt, verdict: ResolutionVerdict): string | null {
  const { state, resolution } = attempt
  const isPaid = isPaidInVain(generation, attempt)
  if (verdict === 'charged' || verdict === 'not_charged') {
    if (isPaid) return null
    if (state === 'unknown') return 'This attempt is unknown: resolve it with the verdict taken or not_taken.'
    if (resolution !== null) return `This attempt is resolved already: ${resolution.verdict}.`
    return `This attempt is ${state}: only an attempt that was paid without a video can be resolved so.`
  }
  if (state === 'unknown') return null
  const next = isPaid
    ? ' It was paid without a video: resolve it with the verdict charged or not_charged.'
    : ''
  return `This attempt is ${state}: only an unknown attempt can be resolved so.${next}`
}

interface Finding {
  by: Client['key']
  input: ResolutionInput
  /** The job of the verdict `taken`. */
  named: NamedJob | null
  auditId: AuditId
}

function eventOf(
  { clock, routing }: ResolveDeps,
  { generation, attempt }: FoundAttempt,
  { by, input, named, auditId }: Finding,
): GenerationEvent {
  const at = clock.now()
  const { verdict, note } = input
  const resolution = { id: auditId, verdict, by, at, note, contradiction: null }
  const about = { at, attemptId: attempt.id, resolution }
  if (input.verdict === 'taken') {
    if (named === null) throw new Error('a job resolved as taken was not looked up')
    return { type: 'resolved_taken', ...about, ...named, nextAt: at }
  }
  if (input.verdict === 'charged') return { type: 'charge_resolved', ...about, costMicros: input.costMicros }
  if (input.verdict === 'not_charged') return { type: 'charge_resolved', ...about, costMicros: 0 }
  const costMicros = input.charged ? (input.costMicros ?? attempt.reservedMicros) : 0
  const watch = { now: at, watchMs: routing.watchMs }
  const watchAt = nextReconcileAt(generation, { ...attempt, holdUntil: null }, watch)
  return { type: 'resolved_not_taken', ...about, costMicros, watchAt }
}
