import { transition } from '../../domain/attempts/transition.ts'
import type { Generation } from '../../domain/generation/generation.ts'
import type { KeyId } from '../../domain/ids.ts'
import type { Clock } from '../../ports/clock.ts'
import type { EventBus } from '../../ports/event-bus.ts'
import type { GenerationStore, Stored } from '../../ports/generations/generation-store.ts'
import type { KeyAuthority } from '../../ports/accounts/key-authority.ts'
import type { KeyStore } from '../../ports/accounts/key-store.ts'
import type { KeyName, UnsentPlace, UnsentWork } from '../../ports/operations/unsent-work.ts'
import type { Keyring } from '../accounts/authentication.ts'
import type { UpstreamGate } from './upstream-gate.ts'

export interface EndUnsentDeps {
  unsent: UnsentWork
  store: Pick<GenerationStore, 'get' | 'save'>
  keys: Pick<KeyStore, 'revokedNames'>
  keyring: Pick<Keyring, 'holds'>
  authority: KeyAuthority
  clock: Clock
  bus: Pick<EventBus, 'publish'>
  gate: Pick<UpstreamGate, 'observe'>
}

export interface EndUnsent {
  /** One batch; how many generations it looked at. 0: nothing is left of keys that are over. */
  round(): Promise<number>
  /** Something is to be looked for although the name may be another key's by now. */
  revoked(name: KeyName): void
}

/** Rows per round: about 10 ms of reading, so that other requests are served in between. */
const perRound = 500
/** Writes asked for at a time, so that callers' writes go in between. */
const atOnce = 25
/** A worker or a caller writes beside this at most. */
const conflictRounds = 8

const start: UnsentPlace = { status: 'queued', after: null }

/**
 * Ends unsent work of keys that were revoked, expired or removed from the configuration. The keys are derived from stored
 * and configured data, so that an interrupted pass starts again at the next start. Each key is processed once: accepted
 * jobs continue, and check the key themselves before anything more is sent.
 */
export function createEndUnsent(deps: EndUnsentDeps): EndUnsent {
  const { unsent, keys, keyring } = deps
  /** Keys whose pass is over. */
  const done = new Set<string>()
  /** Names under which there was another key before; null until they are read. */
  let suspects: Set<string> | null = null
  let pass: { of: KeyName; from: UnsentPlace } | null = null

  async function nextPass(): Promise<typeof pass> {
    const all = await unsent.keys()
    suspects ??= new Set(await suspectsAmong(all, keys))
    const over = all.filter((each) => suspects?.has(nameOf(each)) === true || !keyring.holds(each))
    const names = new Set(over.map(nameOf))
    // A key that is valid again, or has no work left, is processed again if it ends again.
    for (const name of done) if (!names.has(name)) done.delete(name)
    const of = over.find((each) => !done.has(nameOf(each)))
    return of === undefined ? null : { of, from: start }
  }

  return {
    async round() {
      pass ??= await nextPass()
      if (pass === null) return 0
      const { of } = pass
      const { found, next } = await unsent.page(of, pass.from, perRound)
      await endAll(deps, found)
      pass = next && { of, from: next }
      if (next === null) {
        suspects?.delete(nameOf(of))
        done.add(nameOf(of))
      }
      return Math.max(1, found.length)
    },
    revoked(name) {
      suspects?.add(nameOf(name))
      done.delete(nameOf(name))
    },
  }
}

function nameOf({ tenant, key }: KeyName): string {
  return JSON.stringify([tenant, key])
}

async function suspectsAmong(all: KeyName[], keys: EndUnsentDeps['keys']): Promise<string[]> {
  if (all.length === 0) return []
  const revoked = new Set(await keys.revokedNames())
  return all.filter(({ key }) => revoked.has(key)).map(nameOf)
}

async function endAll(deps: EndUnsentDeps, found: Stored[]): Promise<void> {
  const over = new Map<KeyId | null, boolean>()
  const isOver = async (generation: Generation): Promise<boolean> => {
    const known = over.get(generation.keyId)
    if (known !== undefined) return known
    const { type } = await deps.authority.status(generation)
    over.set(generation.keyId, type === 'revoked')
    return type === 'revoked'
  }
  for (let first = 0; first < found.length; first += atOnce) {
    const some: Stored[] = []
    for (const stored of found.slice(first, first + atOnce))
      if (await isOver(stored.generation)) some.push(stored)
    await Promise.all(some.map((stored) => end(deps, stored)))
  }
}

/** Both the document and the columns by which it is found come from the one transition, as with every other write. */
async function end({ store, clock, bus, gate }: EndUnsentDeps, first: Stored): Promise<void> {
  let stored: Stored | null = first
  for (let round = 0; round < conflictRounds && stored !== null; round++) {
    const { generation, version }: Stored = stored
    const { generation: next, entries } = transition(generation, { type: 'key_revoked', at: clock.now() })
    if (entries.length === 0) return
    const outcome = await store.save(next, { version, entries, lease: null })
    if (outcome === 'saved') {
      gate.observe(next)
      bus.publish(next.id)
      return
    }
    stored = await store.get(generation.id)
  }
}
