import { crashPoints } from '../scheduling/crash.ts'
import { isSameAccount } from '../attempts/account.ts'
import type { CharacterOutcome } from '../attempts/outcome.ts'
import type { Account } from '../attempts/account.ts'
import type { Binding, BindingAnswer, BindingClaim, NewClaim, BindingEvent, BindingRules } from './binding.ts'
import { answered, answeredLate, asideUntil, left } from './binding-ends.ts'

/** Claims a binding if it is free. Returns its new state and the next step. */
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
      if (due.answer === null && due.binding.state === 'pending')
        return { binding: due.binding, answer: { type: 'busy', until: due.binding.dueAt ?? at } }
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

/** The state of a binding for this account. Bindings of other accounts cannot be used. */
export function seenFrom(binding: Binding, here: Account): Binding {
  return binding.state === 'ready' && !isMadeFor(binding, here) ? { ...binding, state: 'revoked' } : binding
}

/**
 * Takes a pending binding up that is in nobody's hands, only to bring it to its end: a creation under way is asked about,
 * one whose answer is lost is given up, and none is begun.
 */
export function takeDue(
  binding: Binding,
  asked: NewClaim,
  rules: BindingRules,
): { binding: Binding; answer: Extract<BindingAnswer, { type: 'ask' }> | null } {
  const { at, claim, dueAt } = asked
  if (binding.state !== 'pending' || (binding.dueAt !== null && binding.dueAt > at))
    return { binding, answer: null }
  const after = bindingAfter(binding, { type: 'left', at }, rules)
  if (after.state !== 'pending') return { binding: after, answer: null }
  // Whoever had it in hand is gone, and nobody has looked at what that means yet.
  if (asideUntil(after) !== null && asideUntil(binding) === null) return { binding: after, answer: null }
  const { operation } = after
  // Counted before polling, because a process that is killed cannot count afterwards.
  const points = after.crashPoints + crashPoints.killed
  return {
    binding: { ...after, claim, dueAt, crashPoints: points },
    answer: { type: 'ask', operation },
  }
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
      const creations = binding.creations + 1
      return { ...binding, step: 'sent', span, dueAt, creations, sentAt: at, updatedAt: at }
    }
    case 'answered':
      if (binding.claim !== event.claim) return binding
      if (binding.state === 'pending')
        return answered(counted(binding, event.outcome), event.outcome, at, rules)
      if (binding.failure?.code !== 'outcome_unknown' || event.outcome.type === 'unknown') return binding
      return answeredLate(binding, event.outcome, at, rules)
    case 'left':
      return binding.state === 'pending' ? left(binding, at, rules) : binding
    case 'crashed': {
      if (binding.step !== 'making' || binding.claim !== event.claim) return binding
      // The claim itself counted as much as a kill.
      const more = crashPoints.uncaughtError - crashPoints.killed
      // Other processes go on with it at once, or nobody does for a while.
      return left({ ...binding, crashPoints: binding.crashPoints + more }, at, rules)
    }
    case 'revoked':
      if (binding.state !== 'ready' || binding.handle !== event.handle) return binding
      return { ...binding, state: 'revoked', updatedAt: at }
  }
}

/** A creation that never left was none. */
function counted(binding: Binding, { type }: CharacterOutcome): Binding {
  if (type !== 'never_sent' || binding.step !== 'sent') return binding
  return { ...binding, creations: binding.creations - 1 }
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
    askedBy: null,
    creations: 0,
    claim: null,
    dueAt: at,
    sentAt: null,
    silence: 0,
    crashPoints: 0,
    updatedAt: at,
  }
}

function taken(
  before: Binding,
  { at, claim, dueAt, account, askedBy }: BindingClaim,
): { binding: Binding; answer: BindingAnswer } {
  const { orphans, creations } = before
  const binding: Binding = { ...unmade(before, at), account, orphans, creations, askedBy, claim, dueAt }
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
