import { setTimeout as pause } from 'node:timers/promises'
import { hasPollSlot } from '../../domain/characters/poll-slots.ts'
import { takeDue } from '../../domain/characters/binding-steps.ts'
import { isSameAccount } from '../../domain/attempts/account.ts'
import type { Binding, NewClaim, BindingRules } from '../../domain/characters/binding.ts'
import type { CharacterOutcome } from '../../domain/attempts/outcome.ts'
import type { BindingKey, CharacterStore } from '../../ports/characters/character-store.ts'
import type { Clock } from '../../ports/clock.ts'
import type { Logger } from '../../ports/logger.ts'
import type { Upstream, UpstreamDirectory } from '../../ports/upstream.ts'
import type { BindingCalls } from './binding-calls.ts'
import type { Waiting } from './waiting-attempts.ts'

const duePerRound = 100
/** A round waits no longer for who hangs; what is in hand goes on beside the next rounds. */
const roundMs = 1000

const absent: CharacterOutcome = {
  type: 'never_sent',
  message: 'The account that makes it is not configured any more.',
  retryAfterMs: null,
}

/** Asks about due characters, each upstream in slots of its own; how many it took up. One that hangs holds up its own alone. */
export function createAdvanceBindings(deps: {
  characters: CharacterStore
  directory: UpstreamDirectory
  clock: Clock
  logger: Logger
  calls: BindingCalls
  rules: BindingRules
  newClaim: () => NewClaim
  waiting: Waiting
}): () => Promise<number> {
  const { characters, directory, clock, logger, calls, rules, newClaim, waiting } = deps
  const underWay = new Map<string, number>()

  function isFull(upstream: string): boolean {
    return !hasPollSlot(underWay, upstream)
  }

  /** Who can be asked about a creation: the account that has it, whatever the upstream is now. */
  function makerOf({ upstream: id, account }: Binding): Upstream | undefined {
    const current = directory.get(id)
    if (account === null || (current !== undefined && isSameAccount(current.account, account))) return current
    return directory.holderOf(id, account)
  }

  async function askAbout(key: BindingKey): Promise<void> {
    const asked = newClaim()
    const taken = await characters.changeBinding(key, (binding) => {
      const step = binding && takeDue(binding, asked, rules)
      return { binding: step && step.binding, answer: step }
    })
    calls.noteLost(taken && taken.binding)
    calls.noteAside(taken && taken.binding)
    if (taken?.answer == null) return
    const upstream = makerOf(taken.binding)
    if (upstream === undefined) return void (await calls.answer(key, asked.claim, absent))
    try {
      const seen = waiting.for(key)
      const answered = await calls.ask(upstream, key, asked.claim, { ...taken.answer, seen })
      if (answered?.state !== 'pending') waiting.note(key, null)
    } catch (error) {
      logger.error(
        { err: error, character: key.characterId, upstream: key.upstream },
        'failed to poll a character',
      )
      // It says nothing about the character: it is asked about again, ever less often.
      await calls.answer(key, asked.claim, {
        type: 'unknown',
        message: 'The gateway could not ask about it.',
      })
    }
  }

  async function work(key: BindingKey): Promise<void> {
    const { upstream } = key
    underWay.set(upstream, (underWay.get(upstream) ?? 0) + 1)
    try {
      await askAbout(key)
    } catch (error) {
      logger.error(
        { err: error, character: key.characterId, upstream },
        'failed to poll a character; retrying when its lease expires',
      )
    } finally {
      underWay.set(upstream, (underWay.get(upstream) ?? 1) - 1)
    }
  }

  return async () => {
    const full = [...underWay.keys()].filter(isFull)
    const due = await characters.dueBindings(clock.now(), duePerRound, full)
    const begun: Promise<void>[] = []
    for (const key of due) if (!isFull(key.upstream)) begun.push(work(key))
    const over = new AbortController()
    const late = pause(roundMs, undefined, { signal: over.signal }).catch(() => undefined)
    await Promise.race([Promise.all(begun), late])
    over.abort()
    return begun.length
  }
}
