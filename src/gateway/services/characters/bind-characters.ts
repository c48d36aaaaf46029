import { pauseDetail } from '../../domain/routing/submission-pause.ts'
import { randomUUID } from 'node:crypto'
import { claimBinding } from '../../domain/characters/binding-steps.ts'
import type { Binding, BindingClaim, BindingFailure, BindingRules } from '../../domain/characters/binding.ts'
import type { Character } from '../../domain/characters/character.ts'
import type { Failure, Warning } from '../../domain/generation/failure.ts'
import type { CharacterId } from '../../domain/ids.ts'
import type { CharacterUse } from '../../domain/generation/request.ts'
import type { CharacterStore } from '../../ports/characters/character-store.ts'
import type { Clock } from '../../ports/clock.ts'
import type { Logger } from '../../ports/logger.ts'
import type { Upstream, UpstreamDirectory } from '../../ports/upstream.ts'
import { createAdvanceBindings } from './advance-bindings.ts'
import { bindingLeaseMs, createBindingCalls } from './binding-calls.ts'
import type { MayLeave } from './binding-calls.ts'
import { createWaiting } from './waiting-attempts.ts'
import { Problem } from '../../domain/problem.ts'
import type { StepEvidence } from '../operations/evidence.ts'
import type { Pauses } from '../operations/pauses.ts'
import type { Hold } from '../restore/hold.ts'
import { cutWarnings } from './character-sources.ts'
import type { CharacterSources } from './character-sources.ts'

const busyRetryMs = 500
const makingMs = 15 * 60_000

export type Bound =
  | { type: 'ready'; handles: Map<string, string>; warnings: Warning[] }
  | { type: 'wait'; until: number }
  | { type: 'failed'; failure: Failure }

/** The attempt that needs characters, and the key of its generation. */
export interface BoundFor {
  key: string
  seen: StepEvidence
}

export interface Bindings {
  /**
   * Ensures that an upstream knows these characters. Each is created at most once at a time, even if several attempts need
   * it.
   */
  bind(upstream: Upstream, uses: ReadonlyArray<Pick<CharacterUse, 'id'>>, by: BoundFor): Promise<Bound>
  /**
   * The same for one character because a caller asks for it: what failed or was revoked is made anew. `mayLeave` is asked last
   * before a creation leaves; where it rejects, none does.
   */
  make(upstream: Upstream, character: Character, asked: { key: string; mayLeave: MayLeave }): Promise<void>
  /** The upstream does not take this handle any more: the next one in need makes it anew from the clip. */
  revoke(upstream: Upstream, id: CharacterId, handle: string): Promise<void>
  /** Asks about characters that are due to be asked about, and gives up what nobody has in hand; how many there were. */
  advance(): Promise<number>
  /** Bindings of a release that did not keep where they were made are of the accounts configured now; at start. */
  assumeAccounts(): Promise<void>
  /** Takes note that no process is at work on any binding; only for an engine that no other process shares, at start. */
  recover(): Promise<void>
  /** Counts an uncaught error against the bindings that are being asked about. */
  noteCrash(): Promise<void>
}

export interface BindingDeps {
  characters: CharacterStore
  characterSources: CharacterSources
  directory: UpstreamDirectory
  clock: Clock
  logger: Logger
  stopping: AbortSignal
  hold: Hold
  pauses: Pick<Pauses, 'of'>
  /** See `BindingRules`. May change at any time. */
  routing: { readonly unknownHoldMs: number }
}

export function createBindings(deps: BindingDeps): Bindings {
  const { characters, clock } = deps
  const rules: BindingRules = {
    get holdMs() {
      return deps.routing.unknownHoldMs
    },
    makingMs,
  }
  const calls = createBindingCalls({ ...deps, rules })
  const waiting = createWaiting()
  const newClaim = () => ({ at: clock.now(), claim: randomUUID(), dueAt: clock.now() + bindingLeaseMs })

  async function take(
    upstream: Upstream,
    character: Character,
    by: BindingClaim['by'],
    from: { key: string; mayLeave: MayLeave; seen: StepEvidence | null },
  ): Promise<Binding | null> {
    const { mayLeave, seen } = from
    const key = { characterId: character.id, upstream: upstream.spec.id }
    const asked = { ...newClaim(), by, askedBy: from.key, account: upstream.account }
    const { after, answer } = await characters.changeBinding(key, (binding) => {
      const taken = claimBinding(binding, key, asked, rules)
      return { binding: taken.binding, answer: { after: taken.binding, answer: taken.answer } }
    })
    if (answer.type === 'make') return calls.create(upstream, character, asked.claim, { mayLeave, seen })
    if (answer.type !== 'ask') return after
    return calls.ask(upstream, key, asked.claim, { operation: answer.operation, seen })
  }

  return {
    async bind(upstream, uses, { key, seen }) {
      const handles = new Map<string, string>()
      const warnings: Warning[] = []
      const mayLeave = async () => deps.pauses.of(upstream.spec.id) === null
      for (const { id } of uses) {
        const character = await characters.get(id)
        const binding = character && (await take(upstream, character, 'attempt', { key, mayLeave, seen }))
        if (character === null || binding === null) return gone
        const end = boundOf(binding, clock.now())
        waiting.note(binding, end.type === 'wait' ? seen : null)
        if (end.type !== 'ready') return end
        handles.set(id, end.handle)
        warnings.push(...cutWarnings(character, upstream.spec.id, binding.span))
      }
      return { type: 'ready', handles, warnings }
    },
    async make(upstream, character, { key, mayLeave }) {
      if (deps.hold.since() !== null)
        throw new Problem(
          'held_after_restore',
          'The gateway was restored from a backup. Characters cannot be created until an operator calls POST /operations/release.',
        )
      const pause = deps.pauses.of(upstream.spec.id)
      if (pause !== null) throw new Problem('paused', pauseDetail(pause))
      await take(upstream, character, 'caller', { key, mayLeave, seen: null })
    },
    async revoke({ spec }, characterId, handle) {
      const key = { characterId, upstream: spec.id }
      await calls.record(key, { type: 'revoked', at: clock.now(), handle })
    },
    advance: createAdvanceBindings({ ...deps, calls, rules, newClaim, waiting }),
    async assumeAccounts() {
      for (const { spec, account } of deps.directory.all()) await characters.assumeAccount(spec.id, account)
    },
    async recover() {
      const most = Number.MAX_SAFE_INTEGER
      for (const key of await characters.dueBindings(most, most)) {
        const binding = await calls.record(key, { type: 'left', at: clock.now() })
        calls.noteLost(binding)
        calls.noteAside(binding)
      }
    },
    noteCrash: () => calls.noteCrash(),
  }
}

const gone: Bound = {
  type: 'failed',
  failure: {
    code: 'character_invalid',
    message: 'A character of this request was deleted.',
    fallback: false,
    retryAfterMs: null,
  },
}

type End = { type: 'ready'; handle: string } | Exclude<Bound, { type: 'ready' }>

function boundOf(binding: Binding, now: number): End {
  const { state, step, handle, failure, dueAt } = binding
  if (state === 'ready' && handle !== null) return { type: 'ready', handle }
  if (state === 'failed' && failure !== null) return { type: 'failed', failure: failureOf(failure, now) }
  const soon = now + busyRetryMs
  return { type: 'wait', until: step === 'making' ? Math.max(soon, dueAt ?? soon) : soon }
}

/**
 * A refused character is a refusal and is not sent to another upstream. After a lost response, this generation does not try
 * this upstream again, because the character may exist and may have been charged.
 */
function failureOf({ code, message, retryAt }: BindingFailure, now: number): Failure {
  return {
    code: code === 'outcome_unknown' ? 'upstream_down' : code,
    message,
    fallback: code !== 'refused',
    retryAfterMs: retryAt === null ? null : Math.max(0, retryAt - now),
  }
}
