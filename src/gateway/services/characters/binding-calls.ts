import { asideUntil } from '../../domain/characters/binding-ends.ts'
import { bindingAfter } from '../../domain/characters/binding-steps.ts'
import type { Binding, BindingEvent, BindingRules } from '../../domain/characters/binding.ts'
import type { Character } from '../../domain/characters/character.ts'
import type { Json } from '../../domain/json.ts'
import type { CharacterOutcome } from '../../domain/attempts/outcome.ts'
import type { BindingKey, CharacterStore } from '../../ports/characters/character-store.ts'
import type { Clock } from '../../ports/clock.ts'
import type { Logger } from '../../ports/logger.ts'
import type { CreateCharacterRequest, Upstream } from '../../ports/upstream.ts'
import type { StepEvidence } from '../operations/evidence.ts'
import type { CharacterSources } from './character-sources.ts'
import type { NoClip } from './characters.ts'
import { storeOutcome } from '../store-outcome.ts'

/** Longer than the cut of a clip, and than a call that makes a character, its second try with the clip included. */
export const bindingLeaseMs = 300_000

/** Whether whoever asked may still have a vendor make something. */
export type MayLeave = () => Promise<boolean>

/** The calls that bring one taken binding further, each stored before and after. All answer null when it is gone. */
export interface BindingCalls {
  record(key: BindingKey, event: BindingEvent): Promise<Binding | null>
  /** Stores the creation as sent before it is sent. `seen` belongs to the attempt that needs it. */
  create(
    upstream: Upstream,
    character: Character,
    claim: string,
    by: { mayLeave: MayLeave; seen: StepEvidence | null },
  ): Promise<Binding | null>
  ask(
    upstream: Upstream,
    key: BindingKey,
    claim: string,
    by: { operation: Json; seen: StepEvidence | null },
  ): Promise<Binding | null>
  answer(key: BindingKey, claim: string, outcome: CharacterOutcome): Promise<Binding | null>
  /** Counts an uncaught error against what is being asked about. */
  noteCrash(): Promise<void>
  /** Reports a binding whose answer was lost, wherever that was found. */
  noteLost(binding: Binding | null): void
  /** Reports a binding that is set aside. */
  noteAside(binding: Binding | null): void
}

export function createBindingCalls(deps: {
  characters: CharacterStore
  characterSources: CharacterSources
  clock: Clock
  logger: Logger
  rules: BindingRules
  /** Once it is aborted no creation leaves any more. */
  stopping: AbortSignal
}): BindingCalls {
  const { characters, characterSources, clock, logger, rules, stopping } = deps
  /** By their claims. */
  const askedAbout = new Map<string, BindingKey>()

  async function allowed(key: BindingKey, mayLeave: MayLeave): Promise<boolean> {
    try {
      return await mayLeave()
    } catch (error) {
      await calls.record(key, { type: 'left', at: clock.now() })
      throw error
    }
  }

  const calls: BindingCalls = {
    record: (key, event) =>
      characters.changeBinding(key, (binding) => {
        const after = binding && bindingAfter(binding, event, rules)
        return { binding: after, answer: after }
      }),
    async create(upstream, character, claim, { mayLeave, seen }) {
      const key = { characterId: character.id, upstream: upstream.spec.id }
      const source = await characterSources.open(upstream, character)
      const at = clock.now()
      if (source.type !== 'ready')
        return calls.record(key, { type: 'answered', at, claim, outcome: withoutClip(source) })
      // Cutting the clip takes time.
      const isAllowed = await allowed(key, mayLeave)
      if (stopping.aborted || !isAllowed) return calls.record(key, { type: 'left', at })
      const { type: _ready, ...shown } = source
      const dueAt = at + bindingLeaseMs
      const sent = await calls.record(key, { type: 'sent', at, claim, span: shown.span, dueAt })
      // Somebody else took it up, or the character was deleted: then nothing may leave.
      if (sent === null || sent.claim !== claim || sent.step !== 'sent') return sent
      const { name, description } = character
      const outcome = await made(upstream, { name, description, ...shown }, seen)
      const answered = await calls.answer(key, claim, outcome)
      if (answered?.state !== 'pending') await characterSources.forget(upstream.spec, character)
      return answered
    },
    async ask(upstream, key, claim, { operation, seen }) {
      askedAbout.set(claim, key)
      try {
        const answered = await calls.answer(key, claim, await polled(upstream, operation, seen))
        const character = answered?.state === 'pending' ? null : await characters.get(key.characterId)
        if (character !== null) await characterSources.forget(upstream.spec, character)
        return answered
      } finally {
        askedAbout.delete(claim)
      }
    },
    async answer(key, claim, outcome) {
      const at = clock.now()
      const binding = await storeOutcome(() => calls.record(key, { type: 'answered', at, claim, outcome }), {
        logger,
        what: { character: key.characterId, upstream: key.upstream },
        // What hung until the store is closed is asked about after the next start.
        isFinal: () => stopping.aborted,
      })
      calls.noteLost(binding)
      return binding
    },
    async noteCrash() {
      const crashed = { type: 'crashed' as const, at: clock.now() }
      const counting = [...askedAbout].map(([claim, key]) => calls.record(key, { ...crashed, claim }))
      for (const binding of await Promise.all(counting)) calls.noteAside(binding)
    },
    noteLost: (binding) => reportLost(logger, binding),
    noteAside: (binding) => reportAside(logger, binding),
  }
  return calls
}

async function made(upstream: Upstream, request: CreateCharacterRequest, seen: StepEvidence | null) {
  const outcome = await upstream.createCharacter(request, seen?.note)
  seen?.keep({ isUnreadable: outcome.type === 'unknown' })
  return outcome
}

async function polled(upstream: Upstream, operation: Json, seen: StepEvidence | null) {
  const outcome = await upstream.pollCharacter(operation, seen?.note)
  seen?.keep()
  return outcome
}

function reportLost(logger: Logger, binding: Binding | null): void {
  if (binding?.failure?.code !== 'outcome_unknown') return
  const { characterId, upstream, orphans, failure } = binding
  logger.warn(
    { character: characterId, upstream, orphans },
    'the upstream may have created a character whose ID is unknown',
  )
  // A vendor may repeat what it was sent.
  logger.debug({ character: characterId, upstream, reason: failure.message }, 'why its ID is unknown')
}

function reportAside(logger: Logger, binding: Binding | null): void {
  const until = binding && asideUntil(binding)
  if (binding === null || until === null) return
  const { characterId: character, upstream } = binding
  logger.error(
    { character, upstream, until: new Date(until).toISOString() },
    'the gateway crashed repeatedly while polling this character; pausing its work',
  )
}

function withoutClip({ type, message }: NoClip): CharacterOutcome {
  return type === 'unusable'
    ? { type: 'invalid', message }
    : { type: 'never_sent', message, retryAfterMs: null }
}
