import type { ExclusionCode } from '../../generation/plan.ts'
import { capDetail, fitsCap } from '../../steering/spend-cap.ts'
import { pauseDetail } from '../submission-pause.ts'
import type { Facts } from './facts.ts'

/** Exclusions that hold for now only: the upstream stands by. */
export type PassingCode = Extract<ExclusionCode, 'paused' | 'over_spend_cap' | 'breaker_open' | 'at_capacity'>

export interface PassingExclusion {
  detail: string
  /** When it may be over (ms since epoch); null where nobody can say. */
  retryAt: number | null
}

export interface PassingFilter {
  name: string
  code: PassingCode
  excludes: (facts: Facts) => PassingExclusion | null
}

/** In this order, after the filters that last: the first one that leaves an upstream out says why. */
export const passingFilters: readonly PassingFilter[] = [
  {
    name: 'pause of submissions',
    code: 'paused',
    // Somebody may resume before its end, so that it is asked about again like a slot.
    excludes: ({ view: { pause } }) => (pause == null ? null : { detail: pauseDetail(pause), retryAt: null }),
  },
  {
    name: 'spend cap of the upstream',
    code: 'over_spend_cap',
    // A job that ends may free a part of it before the day is over.
    excludes: ({ estimatedCostMicros: micros, spec, view: { spend } }) => {
      const { id: upstream, spendMicrosPerDay: capMicros } = spec
      if (capMicros === undefined || spend === undefined) return null
      const limit = { upstream, capMicros, dayStart: spend.dayStart, micros }
      return fitsCap(spend.spentMicros + spend.reservedMicros, limit)
        ? null
        : { detail: capDetail(spend), retryAt: null }
    },
  },
  {
    name: 'outage of the model',
    code: 'breaker_open',
    excludes: ({ model, view }) => {
      const outage = view.outages.find((candidate) => candidate.model === model)
      return outage === undefined
        ? null
        : { detail: `It does not serve ${outage.model} now: ${outage.reason}`, retryAt: outage.until }
    },
  },
  {
    name: 'breaker of creates',
    code: 'breaker_open',
    excludes: (facts) => openBreaker(facts, 'create'),
  },
  {
    name: 'breaker of characters',
    code: 'breaker_open',
    excludes: (facts) => (mustMakeCharacter(facts) ? openBreaker(facts, 'character') : null),
  },
  {
    name: 'free slots',
    code: 'at_capacity',
    excludes: ({ view: { freeSlots } }) =>
      freeSlots !== null && freeSlots <= 0 ? { detail: 'All its slots are in use.', retryAt: null } : null,
  },
]

/** Whether a character of the request has to be made there before it can be named. */
function mustMakeCharacter({ request, spec }: Facts): boolean {
  return spec.characters === 'native' && request.characters.some(({ boundOn }) => !boundOn.includes(spec.id))
}

function openBreaker({ view }: Facts, operation: 'create' | 'character'): PassingExclusion | null {
  const { state, retryAt } = view.breakers[operation]
  return state === 'open'
    ? { detail: `Its ${operation} breaker is open after recent failures.`, retryAt }
    : null
}
