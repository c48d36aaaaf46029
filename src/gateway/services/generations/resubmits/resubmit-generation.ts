import { monthStart } from '../../../domain/accounts/client.ts'
import type { Client } from '../../../domain/accounts/client.ts'
import { isPassedOver, resubmissionRefusal } from '../../../domain/attempts/passed-over.ts'
import { transition } from '../../../domain/attempts/transition.ts'
import { headroomMicros } from '../../../domain/generation/derived.ts'
import type { Attempt, Generation } from '../../../domain/generation/generation.ts'
import { isTerminal } from '../../../domain/generation/liveness.ts'
import type { AttemptId, GenerationId } from '../../../domain/ids.ts'
import { Problem } from '../../../domain/problem.ts'
import type { SaveOutcome, SaveTerms } from '../../../ports/generations/generation-store.ts'
import { auditEntry } from '../../accounts/audit-entry.ts'
import type { Hold } from '../../restore/hold.ts'
import type { CancelDeps } from '../cancels/cancel-generation.ts'
import type { ResubmitInput, Resubmitted } from '../generations.ts'
import { secondAttempt } from './second-attempt.ts'
import type { SecondAttempt, SecondAttemptDeps } from './second-attempt.ts'
import { noSuchGeneration, withinReach } from '../within-reach.ts'

export type ResubmitDeps = CancelDeps & SecondAttemptDeps & { hold: Pick<Hold, 'since'> }

/** A caller and a worker write beside this one at most. */
const conflictRounds = 8

/** Has the next candidate asked beside an attempt that may still be charged, once for each such attempt. */
export async function resubmitGeneration(
  deps: ResubmitDeps,
  client: Client,
  id: GenerationId,
  input: ResubmitInput,
): Promise<Resubmitted> {
  const { store, gate, bus, onWork } = deps
  for (let round = 0; round < conflictRounds; round++) {
    const { generation, version } = await withinReach(store, client, id)
    const attempt = attemptOf(generation, input.attemptId)
    if (isPassedOver(attempt)) return { generation, replayed: true }
    refuse(deps, generation, attempt)
    const audit = auditEntry(deps, {
      actor: client,
      action: 'generation.resubmitted',
      subject: id,
      data: { tenant: generation.tenant, attempt: attempt.id, reserved_micros: attempt.reservedMicros },
    })
    const { generation: next, entries } = transition(generation, {
      type: 'resubmitted',
      at: audit.at,
      attemptId: attempt.id,
      resubmission: { id: audit.id, by: client.key, at: audit.at },
    })
    const second = await secondAttempt(deps, next)
    if (!input.acceptsTwoBills) throw twoBills(attempt, second)
    const reopens = isTerminal(generation) ? termsOf(audit.at, next, second) : undefined
    const outcome = await store.save(next, { version, entries, lease: null, audit, reopens })
    refuseOutcome(outcome)
    if (outcome !== 'saved') continue
    gate.observe(next)
    bus.publish(id)
    onWork()
    return { generation: next, replayed: false }
  }
  throw new Problem('conflict', 'The generation is being changed. Try again.')
}

/**
 * A repeated call must never find a later attempt to send again: where one was, it is the one that is meant, unless the
 * caller names another.
 */
function attemptOf({ attempts }: Generation, named: AttemptId | null): Attempt {
  const found =
    named === null
      ? (attempts.find(isPassedOver) ?? attempts.find(({ state }) => state === 'unknown'))
      : attempts.find(({ id }) => id === named)
  if (found !== undefined) return found
  if (named === null)
    throw new Problem('conflict', 'No attempt of this generation has an unknown outcome. Nothing was sent.')
  const detail = 'is not an attempt of this generation'
  throw new Problem('not_found', `${named} ${detail}.`, { faults: [{ pointer: '/attempt', detail }] })
}

function refuse({ hold }: ResubmitDeps, generation: Generation, attempt: Attempt): void {
  const refusal = resubmissionRefusal(generation, attempt)
  if (refusal !== null)
    throw new Problem('conflict', refusal, { extra: { attempt: attempt.id, state: attempt.state } })
  if (hold.since() !== null)
    throw new Problem(
      'held_after_restore',
      'The gateway was restored from a backup. Nothing is sent again before POST /operations/release.',
    )
}

/** What must fit into the limits of the key: the generation had given back what it had not spent. */
function termsOf(at: number, next: Generation, { owner, costMicros }: SecondAttempt): SaveTerms['reopens'] {
  return {
    monthStart: monthStart(at),
    monthlyBudgetMicros: owner.monthlyBudgetMicros,
    maxInFlight: owner.maxInFlight,
    worstMicros: Math.max(headroomMicros(next), costMicros ?? 0),
  }
}

function refuseOutcome(outcome: SaveOutcome): void {
  if (outcome === 'missing') throw noSuchGeneration()
  if (outcome === 'over_budget' || outcome === 'over_tenant_budget')
    throw new Problem(
      'budget_exceeded',
      `Another attempt exceeds the remaining monthly budget of the ${outcome === 'over_budget' ? 'key that made this generation' : 'tenant'}.`,
    )
  if (outcome === 'too_many_in_flight')
    throw new Problem(
      'too_many_in_flight',
      'The key that made this generation has as many generations in flight as it may. Wait until one ends.',
    )
}

function twoBills({ id, upstream, reservedMicros }: Attempt, second: SecondAttempt): Problem {
  const first = reservedMicros / 1e6
  const next = second.costMicros === null ? null : second.costMicros / 1e6
  const other =
    next === null
      ? 'another upstream would charge for a second one, as soon as one is available'
      : `${second.upstream} would charge up to ${next} USD for a second one`
  return new Problem(
    'two_bills_possible',
    `${upstream} may still charge up to ${first} USD for the first job, and ${other}. To accept both bills, repeat the request with "accept_two_bills": true.`,
    {
      faults: [{ pointer: '/accept_two_bills', detail: 'must be true to accept both bills' }],
      extra: {
        attempt: id,
        first_bill: { upstream, usd: first },
        second_bill: { upstream: second.upstream, usd: next },
      },
    },
  )
}
