import * as fc from 'fast-check'
import { bindingAfter, claimBinding } from '../../src/gateway/domain/characters/binding-steps.ts'
import type {
  Binding,
  BindingAnswer,
  BindingEvent,
  BindingRules,
} from '../../src/gateway/domain/characters/binding.ts'
import type { CharacterOutcome } from '../../src/gateway/domain/attempts/outcome.ts'
import { deepFreeze, SECOND, T0 } from './builders.ts'

export const rules: BindingRules = { holdMs: 600 * SECOND, makingMs: 900 * SECOND }

const key = { characterId: 'char_01k00000000000000000000001', upstream: 'reseller' } as const

export const leaseMs = 300 * SECOND

export const home = { origin: 'https://vendor.example/v1', credential: 'one' }

export const span = { start: 0, end: 2 }

/** Plays one binding through its events; `claim` names the process. */
export function aStory(binding: Binding | null = null) {
  let current = binding
  const story = {
    now: T0,
    get binding(): Binding {
      if (current === null) throw new Error('there is no binding yet')
      return current
    },
    claim(claim: string, by: 'attempt' | 'caller' = 'attempt', account = home): BindingAnswer {
      const asked = {
        at: story.now,
        claim,
        dueAt: story.now + leaseMs,
        by,
        askedBy: `key of ${claim}`,
        account,
      }
      const taken = claimBinding(current && deepFreeze(current), key, asked, rules)
      current = taken.binding
      return taken.answer
    },
    tell(event: WithoutTime): Binding {
      current = bindingAfter(deepFreeze(story.binding), { ...event, at: story.now }, rules)
      return current
    },
    send(claim: string): void {
      story.tell({ type: 'sent', claim, span, dueAt: story.now + leaseMs })
    },
    answer(claim: string, outcome: CharacterOutcome): Binding {
      return story.tell({ type: 'answered', claim, outcome })
    },
  }
  return story
}

type WithoutTime = BindingEvent extends infer Event
  ? Event extends BindingEvent
    ? Omit<Event, 'at'>
    : never
  : never

export const ready = { type: 'ready', handle: 'amber.finch' } as const

export const pending = { type: 'pending', operation: { id: 'char_0d3e' }, retryAfterMs: null } as const

export const unknown = { type: 'unknown', message: 'the connection was reset' } as const

const outcomes = fc.oneof(
  fc.constantFrom<CharacterOutcome>(ready, unknown, pending),
  fc.record({
    type: fc.constantFrom('never_sent' as const, 'rejected' as const, 'upstream_down' as const),
    message: fc.constant('no'),
    retryAfterMs: fc.option(fc.integer({ min: 0, max: 100_000 })),
  }),
  fc.record({ type: fc.constantFrom('refused' as const, 'invalid' as const), message: fc.constant('no') }),
)

const claims = fc.constantFrom('a', 'b', 'c')

export const moves = fc.array(
  fc.oneof(
    fc.record({
      move: fc.constant('claim' as const),
      claim: claims,
      by: fc.constantFrom('attempt' as const, 'caller' as const),
    }),
    fc.record({ move: fc.constant('send' as const), claim: claims }),
    fc.record({ move: fc.constant('answer' as const), claim: claims, outcome: outcomes }),
    fc.record({ move: fc.constant('left' as const) }),
    fc.record({ move: fc.constant('revoke' as const) }),
    fc.record({ move: fc.constant('wait' as const), ms: fc.constantFrom(1, SECOND, leaseMs, rules.holdMs) }),
  ),
  { maxLength: 60 },
)

/** What the vendor has created or may have created, and which of it the gateway can name, while a story is played. */
export interface Ledger {
  made: number
  named: number
  /** The process whose creation has no response yet. */
  isOut: string | null
}

export type Move = typeof moves extends fc.Arbitrary<Array<infer M>> ? M : never

/** Only the sender of a creation gets its response; the holder of the claim polls. */
export function answer(
  story: ReturnType<typeof aStory>,
  ledger: Ledger,
  { claim, outcome }: Extract<Move, { move: 'answer' }>,
): void {
  const before = story.binding
  const asks = before.step === 'making'
  if (asks ? before.claim !== claim : ledger.isOut !== claim) return
  story.answer(claim, outcome)
  const { state, orphans } = story.binding
  const saysNo = asks
    ? state === 'failed' && orphans === before.orphans
    : !['ready', 'pending', 'unknown'].includes(outcome.type)
  if (saysNo) ledger.made -= 1
  if (before.state !== 'ready' && state === 'ready') ledger.named += 1
  if (!asks) ledger.isOut = null
}
