import type { FailureCode } from '../generation/failure.ts'
import type { CharacterId } from '../ids.ts'
import type { Json } from '../json.ts'
import { isSameAccount } from '../attempts/account.ts'
import type { Account } from '../attempts/account.ts'
import { answered, answeredLate, left } from './binding-ends.ts'
import type { CharacterOutcome } from '../attempts/outcome.ts'
import type { ClipSpan } from '../routing/upstream.ts'

/** `revoked`: the upstream no longer takes what it once made. A binding that was never needed has no state at all. */
export const bindingStates = ['pending', 'ready', 'failed', 'revoked'] as const
export type BindingState = (typeof bindingStates)[number]

/** `claimed`: nothing was sent. `sent`: the creation may have left. `making`: the upstream has it and is asked about it. */
export const bindingSteps = ['claimed', 'sent', 'making'] as const
export type BindingStep = (typeof bindingSteps)[number]

export const bindingFailureCodes = [
  'never_sent',
  'overloaded',
  'upstream_down',
  'refused',
  'character_invalid',
  'outcome_unknown',
] as const satisfies readonly FailureCode[]

export interface BindingFailure {
  code: (typeof bindingFailureCodes)[number]
  message: string
  /** From when on an attempt in need may make it anew; null: not before a caller asks for it. */
  retryAt: number | null
}

/** What a character is on one upstream. Instants are milliseconds since the epoch. */
export interface Binding {
  characterId: CharacterId
  upstream: string
  /** Where it was made, and whose it is there; null where a release made it that did not keep this. */
  account: Account | null
  state: BindingState
  /** Null unless pending. */
  step: BindingStep | null
  /** What the dialect puts into the prompt or the id list; null until ready. */
  handle: string | null
  /** The dialect's own handle on a creation that takes its time. */
  operation: Json
  /** The seconds of the clip it was made of; null before anything was sent. */
  span: ClipSpan | null
  failure: BindingFailure | null
  /** Characters that the upstream may have made and that nobody here can name: their answers were lost. */
  orphans: number
  /** Whose claim it is, or was when the answer was lost. */
  claim: string | null
  /** While pending: until then it is in somebody's hands; after it, anybody may go on. */
  dueAt: number | null
  sentAt: number | null
  /** Answers in a row that said nothing about a creation under way. */
  silence: number
  updatedAt: number
}

export interface BindingRules {
  /** How long after a lost answer no attempt makes it anew. */
  holdMs: number
  /** How long a creation may take before its outcome counts as lost. */
  makingMs: number
}

/** Why somebody takes a binding up: an attempt needs it, or a caller asks for it (again). */
export interface BindingClaim {
  at: number
  claim: string
  /** Longer than the call that it covers. */
  dueAt: number
  by: 'attempt' | 'caller'
  /** Where it is needed now. */
  account: Account
}

/** What the one who took it up is to do. `make`: send the creation. `ask`: ask about the one under way. */
export type BindingAnswer =
  | { type: 'make' }
  | { type: 'ask'; operation: Json }
  | { type: 'ready'; binding: Binding }
  | { type: 'busy'; until: number }
  | { type: 'failed'; failure: BindingFailure }

export type BindingEvent = { at: number } &
  /** Stored before the creation leaves: whoever finds this and no answer knows that there may be a character. */
  (
    | { type: 'sent'; claim: string; span: ClipSpan; dueAt: number }
    | { type: 'answered'; claim: string; outcome: CharacterOutcome }
    /** Whoever had it in hand is gone. */
    | { type: 'left' }
    /** The upstream does not take this handle (any more). */
    | { type: 'revoked'; handle: string }
  )

/** Takes a binding up, if it is anybody's to take; what it is from then on, and what is to be done. */
export function claimBinding(
  binding: Binding | null,
  key: Pick<Binding, 'characterId' | 'upstream'>,
  asked: BindingClaim,
  rules: BindingRules,
): { binding: Binding; answer: BindingAnswer } {
  if (binding === null) return taken(unmade(key, asked.at), asked)
  if (!isMadeFor(binding, asked.account)) return takenElsewhere(binding, asked)
  const { at } = asked
  switch (binding.state) {
    case 'ready':
      return { binding, answer: { type: 'ready', binding } }
    case 'revoked':
      return taken(binding, asked)
    case 'failed':
      return failedAnswer(binding, asked)
    case 'pending': {
      const { dueAt } = binding
      if (dueAt !== null && dueAt > at) return { binding, answer: { type: 'busy', until: dueAt } }
      const due = takeDue(binding, asked, rules)
      return due.answer === null
        ? failedAnswer(due.binding, asked)
        : { binding: due.binding, answer: due.answer }
    }
  }
}

/** Whether this account knows the binding. One of which nobody kept where it was made counts as made here. */
export function isMadeFor({ account }: Pick<Binding, 'account'>, here: Account): boolean {
  return account === null || isSameAccount(account, here)
}

/** What a binding is to this account: what another one made is of no use here. */
export function seenFrom(binding: Binding, here: Account): Binding {
  return binding.state === 'ready' && !isMadeFor(binding, here) ? { ...binding, state: 'revoked' } : binding
}

/**
 * Takes a pending binding up that is in nobody's hands, only to bring it to its end: a creation under way is asked about,
 * one whose answer is lost is given up, and none is begun.
 */
export function takeDue(
  binding: Binding,
  asked: Pick<BindingClaim, 'at' | 'claim' | 'dueAt'>,
  rules: BindingRules,
): { binding: Binding; answer: Extract<BindingAnswer, { type: 'ask' }> | null } {
  const { at, claim, dueAt } = asked
  if (binding.state !== 'pending' || (binding.dueAt !== null && binding.dueAt > at))
    return { binding, answer: null }
  const after = bindingAfter(binding, { type: 'left', at }, rules)
  if (after.state !== 'pending') return { binding: after, answer: null }
  const { operation } = after
  return { binding: { ...after, claim, dueAt }, answer: { type: 'ask', operation } }
}

/**
 * The only other writer of a binding. An event that comes too late for the binding's state, or from somebody else than
 * who has it in hand, changes nothing; but what an upstream answered is a fact: the handle of a creation that counted as
 * lost is kept when it comes after all, unless another was begun since.
 */
export function bindingAfter(binding: Binding, event: BindingEvent, rules: BindingRules): Binding {
  const { at } = event
  switch (event.type) {
    case 'sent': {
      if (binding.step !== 'claimed' || binding.claim !== event.claim) return binding
      const { span, dueAt } = event
      return { ...binding, step: 'sent', span, dueAt, sentAt: at, updatedAt: at }
    }
    case 'answered':
      if (binding.claim !== event.claim) return binding
      if (binding.state === 'pending') return answered(binding, event.outcome, at, rules)
      if (binding.failure?.code !== 'outcome_unknown' || event.outcome.type === 'unknown') return binding
      return answeredLate(binding, event.outcome, at, rules)
    case 'left':
      return binding.state === 'pending' ? left(binding, at, rules) : binding
    case 'revoked':
      if (binding.state !== 'ready' || binding.handle !== event.handle) return binding
      return { ...binding, state: 'revoked', updatedAt: at }
  }
}

function unmade(key: Pick<Binding, 'characterId' | 'upstream'>, at: number): Binding {
  return {
    characterId: key.characterId,
    upstream: key.upstream,
    account: null,
    state: 'pending',
    step: 'claimed',
    handle: null,
    operation: null,
    span: null,
    failure: null,
    orphans: 0,
    claim: null,
    dueAt: at,
    sentAt: null,
    silence: 0,
    updatedAt: at,
  }
}

function taken(
  before: Binding,
  { at, claim, dueAt, account }: BindingClaim,
): { binding: Binding; answer: BindingAnswer } {
  const binding: Binding = { ...unmade(before, at), account, orphans: before.orphans, claim, dueAt }
  return { binding, answer: { type: 'make' } }
}

/** A creation under way at another account is waited for while somebody has it in hand, and else given up as one that nobody can name. */
function takenElsewhere(binding: Binding, asked: BindingClaim): { binding: Binding; answer: BindingAnswer } {
  const { state, step, dueAt, orphans } = binding
  if (state !== 'pending') return taken(binding, asked)
  if (dueAt !== null && dueAt > asked.at) return { binding, answer: { type: 'busy', until: dueAt } }
  const mayExist = step === 'sent' || step === 'making'
  return taken({ ...binding, orphans: orphans + (mayExist ? 1 : 0) }, asked)
}

function failedAnswer(binding: Binding, asked: BindingClaim): { binding: Binding; answer: BindingAnswer } {
  const { failure } = binding
  const again = failure === null || (failure.retryAt !== null && failure.retryAt <= asked.at)
  if (asked.by === 'caller' || again) return taken(binding, asked)
  return { binding, answer: { type: 'failed', failure } }
}
