import type { FailureCode } from '../generation/failure.ts'
import type { CharacterId } from '../ids.ts'
import type { Json } from '../json.ts'
import type { Account } from '../attempts/account.ts'
import type { CharacterOutcome } from '../attempts/outcome.ts'
import type { ClipSpan } from '../routing/upstream.ts'

/** `revoked`: the upstream no longer accepts the character. A binding that was never needed has no state. */
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
  /** When an attempt that needs it may create it again. Null: only when a caller asks for it. */
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
  /** Characters that the upstream may have created but whose responses were lost, so their IDs are unknown. */
  orphans: number
  /** The name of the key that had it made last; null where a release made it that did not keep this. */
  askedBy: string | null
  /** How many creations were sent, the lost ones included. Upstreams may charge for each. */
  creations: number
  /** Whose claim it is, or was when the answer was lost. */
  claim: string | null
  /** While pending: the end of the lease of its owner. After it, any worker may continue. */
  dueAt: number | null
  sentAt: number | null
  /** Consecutive responses that said nothing about a pending creation. */
  silence: number
  /** Counts ends of the process that came while it was asked about; an answer that is stored clears it. */
  crashPoints: number
  updatedAt: number
}

export interface BindingRules {
  /** How long attempts wait after a lost response before they create the character again. */
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
  /** The name of the key that asks, or whose generation needs it. */
  askedBy: string
  /** Where it is needed now. */
  account: Account
}

export type NewClaim = Pick<BindingClaim, 'at' | 'claim' | 'dueAt'>

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
    | { type: 'sent'; claim: string; span: ClipSpan | null; dueAt: number }
    | { type: 'answered'; claim: string; outcome: CharacterOutcome }
    /** Whoever had it in hand is gone. */
    | { type: 'left' }
    /** An uncaught error ends the process while it is asked about. */
    | { type: 'crashed'; claim: string }
    /** The upstream does not take this handle (any more). */
    | { type: 'revoked'; handle: string }
  )
