import type { Binding, BindingFailure, BindingRules } from './binding.ts'
import type { CharacterOutcome } from '../attempts/outcome.ts'
import { asideMs } from '../scheduling/crash.ts'
import { backoffMs } from '../scheduling/poll-pacing.ts'

const leastAskMs = 1000
const mostAskMs = 60_000
/** Before the same upstream is asked again by another attempt, where it says nothing itself. */
const notNowMs = 1000

/** What an answer makes of a binding that waits for one. */
export function answered(
  pending: Binding,
  outcome: CharacterOutcome,
  at: number,
  rules: BindingRules,
): Binding {
  switch (outcome.type) {
    case 'ready':
      return ended(pending, at, { state: 'ready', handle: outcome.handle })
    case 'refused':
      return failed(pending, at, { code: 'refused', message: outcome.message, retryAt: null })
    case 'invalid':
      return failed(pending, at, { code: 'character_invalid', message: outcome.message, retryAt: null })
    case 'pending': {
      const { operation, retryAfterMs } = outcome
      const asked: Binding = { ...pending, step: 'making', operation, silence: 0, updatedAt: at }
      return askedAgain(asked, at, retryAfterMs ?? leastAskMs, rules)
    }
    case 'never_sent':
    case 'rejected':
    case 'upstream_down': {
      if (pending.step === 'making') return unheard(pending, at, outcome.retryAfterMs, rules)
      const code = outcome.type === 'rejected' ? 'overloaded' : outcome.type
      const retryAt = at + Math.max(outcome.retryAfterMs ?? 0, notNowMs)
      return failed(pending, at, { code, message: outcome.message, retryAt })
    }
    case 'unknown':
      if (pending.step === 'making') return unheard(pending, at, null, rules)
      return lost(pending, at, outcome.message, rules)
  }
}

/** A failed poll says nothing about the character. It is polled again at growing intervals. */
function unheard(making: Binding, at: number, retryAfterMs: number | null, rules: BindingRules): Binding {
  const pause = Math.max(retryAfterMs ?? 0, backoffMs(making.silence, mostAskMs))
  return askedAgain({ ...making, silence: making.silence + 1, updatedAt: at }, at, pause, rules)
}

function askedAgain(making: Binding, at: number, pauseMs: number, rules: BindingRules): Binding {
  const waited = at - (making.sentAt ?? at)
  if (waited >= rules.makingMs) {
    return lost(making, at, `The upstream has not made it within ${Math.round(waited / 1000)} s.`, rules)
  }
  const dueAt = at + Math.min(mostAskMs, Math.max(leastAskMs, pauseMs))
  return { ...making, dueAt, crashPoints: 0 }
}

/**
 * The upstream may have created a character whose ID is unknown. No new one is created before the hold ends or a caller
 * asks for it.
 */
function lost(pending: Binding, at: number, message: string, { holdMs }: BindingRules): Binding {
  const failure: BindingFailure = { code: 'outcome_unknown', message, retryAt: at + holdMs }
  return { ...failed(pending, at, failure), orphans: pending.orphans + 1, claim: pending.claim }
}

/** The late response to a creation that had been counted as lost. */
export function answeredLate(
  lostOne: Binding,
  outcome: CharacterOutcome,
  at: number,
  rules: BindingRules,
): Binding {
  const orphans = Math.max(0, lostOne.orphans - 1)
  return answered({ ...lostOne, state: 'pending', step: 'sent', failure: null, orphans }, outcome, at, rules)
}

function failed(pending: Binding, at: number, failure: BindingFailure): Binding {
  return { ...ended(pending, at, { state: 'failed', handle: null }), failure }
}

function ended(binding: Binding, at: number, end: Pick<Binding, 'state' | 'handle'>): Binding {
  return {
    ...binding,
    ...end,
    step: null,
    operation: null,
    failure: null,
    claim: null,
    dueAt: null,
    silence: 0,
    crashPoints: 0,
    updatedAt: at,
  }
}

/** Until when it is not polled, because polling crashed the process too often. Null if it is not paused. */
export function asideUntil({ step, claim, dueAt, crashPoints }: Binding): number | null {
  return step === 'making' && claim === null && asideMs(crashPoints) !== null ? dueAt : null
}

/** For whoever looks at it; null: it is not set aside. */
export function asideDetail(binding: Binding): string | null {
  const until = asideUntil(binding)
  if (until === null) return null
  const at = new Date(until).toISOString()
  return `The gateway crashed repeatedly while polling this. It is polled again after ${at}.`
}

/** What a pending binding is once whoever had it in hand is gone. */
export function left(pending: Binding, at: number, rules: BindingRules): Binding {
  switch (pending.step) {
    case 'making': {
      // Set aside by an earlier start: another start does not put it off further.
      if (asideUntil(pending) !== null && (pending.dueAt ?? at) > at) return pending
      const ms = asideMs(pending.crashPoints)
      if (ms === null) return { ...pending, dueAt: at, updatedAt: at }
      return { ...pending, claim: null, dueAt: at + ms, updatedAt: at }
    }
    case 'sent':
      return lost(
        pending,
        at,
        'The gateway stopped between requesting the character and storing the response.',
        rules,
      )
    case 'claimed':
    case null: {
      const message = 'The gateway stopped before it requested the character.'
      return failed(pending, at, { code: 'never_sent', message, retryAt: at })
    }
  }
}
