import { createCharacterBook } from '../clips/character-book.ts'
import type {
  CharacterBook,
  CharacterFate,
  NewCharacter,
  SimulatedCharacter,
} from '../clips/character-book.ts'
import { createFaultList } from '../faults/fault-list.ts'
import type { FaultList } from '../faults/fault-list.ts'
import type { Operation } from '../faults/fault.ts'
import { createJobBook } from './job-book.ts'
import type { Clock, JobBook } from './job-book.ts'
import type { Fate, Job, Order } from './job.ts'
import { judge, messageOf, refusal } from './moderation.ts'
import { priceOf } from '../control/price.ts'
import type { SimulatedUpstream } from '../simulated-upstream.ts'
import type { Speech } from './speech.ts'
import { keyReused, tooManyRunning } from '../faults/vendor-errors.ts'
import { accepted } from './vendor-error.ts'
import type { Verdict } from './vendor-error.ts'
import { createWebhookSender } from './webhook-sender.ts'
import type { WebhookSender } from './webhook-sender.ts'

export type RequestCounts = Record<Operation, number>

/** A request that arrived. `at`: milliseconds since the epoch by the simulator's clock. */
export interface SimulatedCall {
  upstream: string
  operation: Operation
  at: number
}

/** The state of one simulated upstream: its jobs, characters, faults and counted requests. */
export interface Vendor {
  readonly upstream: SimulatedUpstream
  readonly speech: Speech
  readonly clock: Clock
  readonly faults: FaultList
  readonly characters: CharacterBook
  readonly jobs: JobBook
  readonly webhooks: WebhookSender
  readonly requests: RequestCounts
  /** Counts a request, whatever its response will be. */
  called(operation: Operation): void
  /**
   * Accepts a valid create, unless moderation or the limit of running jobs rejects it. Every call creates a job, but a
   * repeated `key` returns its first job.
   */
  admit(order: Order, key: string | null): Verdict<Job>
  /** Accepts a valid character, unless moderation rejects its name, description or address. Keys as above. */
  admitCharacter(given: NewCharacter, takesTime: boolean, key: string | null): Verdict<SimulatedCharacter>
  /** Micro-dollars billed for anything but jobs: characters, and refusals if they are charged. */
  charges(): number
  reset(): void
}

export function createVendor(
  upstream: SimulatedUpstream,
  speech: Speech,
  clock: Clock,
  closing: AbortSignal,
  onCall: (call: SimulatedCall) => void = () => undefined,
): Vendor {
  const faults = createFaultList()
  const characters = createCharacterBook(clock, upstream.characterRender ?? { polls: 2 })
  const webhooks = createWebhookSender(upstream, faults, clock, closing)
  const jobs = createJobBook(upstream, clock, (job) => webhooks.report(job))
  const requests = noRequests()
  const keptJobs = createKept<Job>()
  const keptCharacters = createKept<SimulatedCharacter>()
  let charged = 0

  return {
    upstream,
    speech,
    clock,
    faults,
    characters,
    jobs,
    webhooks,
    requests,
    called(operation) {
      requests[operation] += 1
      onCall({ upstream: upstream.id, operation, at: clock.now() })
    },
    admit(order, key) {
      const verdict = judge(order.prompt)
      if (verdict === 'refused') {
        if (upstream.chargesRefusals === true) charged += priceOf(upstream.price, order)
        return { ok: false, error: refusal(speech.refusal.atCreate, 400) }
      }
      return keptJobs.once(key, JSON.stringify(order), () => {
        const isFull = upstream.maxInFlight !== undefined && jobs.running() >= upstream.maxInFlight
        if (isFull) return { ok: false, error: tooManyRunning }
        const id = order.id ?? speech.newJobId(order.model)
        const job = jobs.add(id, order, fateOf(speech, faults, verdict === 'refused_late'))
        webhooks.expect(job, () => void jobs.find(id))
        return accepted(job)
      })
    },
    admitCharacter(given, takesTime, key) {
      const address = given.source.type === 'url' ? given.source.url : ''
      const verdict = judge(`${given.name} ${given.description ?? ''} ${address}`)
      if (verdict === 'refused') return { ok: false, error: refusal(speech.refusal.atCreate, 400) }
      const { id: _id, handle: _handle, taskId: _taskId, createdAt: _createdAt, ...wanted } = given
      return keptCharacters.once(key, JSON.stringify(wanted), () => {
        charged += Math.round((upstream.characterPriceUsd ?? 0) * 1e6)
        const fate = characterFate(speech, faults, verdict === 'refused_late', takesTime)
        return accepted(characters.add(given, fate))
      })
    },
    charges: () => charged,
    reset() {
      faults.replace([])
      characters.clear()
      jobs.clear()
      webhooks.clear()
      keptJobs.clear()
      keptCharacters.clear()
      charged = 0
      Object.assign(requests, noRequests())
    },
  }
}

function noRequests(): RequestCounts {
  return {
    create: 0,
    poll: 0,
    result: 0,
    list: 0,
    delete: 0,
    content: 0,
    character_create: 0,
    models: 0,
    balance: 0,
    character_group: 0,
    character_read: 0,
  }
}

/** The results of idempotency keys, if the upstream supports them. */
function createKept<T>() {
  const kept = new Map<string, { asked: string; made: T }>()

  return {
    once(key: string | null, asked: string, make: () => Verdict<T>): Verdict<T> {
      if (key === null) return make()
      const first = kept.get(key)
      if (first !== undefined)
        return first.asked === asked ? accepted(first.made) : { ok: false, error: keyReused }
      const made = make()
      if (made.ok) kept.set(key, { asked, made: made.value })
      return made
    },
    clear: () => kept.clear(),
  }
}

/** A fault decides a job's end when the job is accepted; clearing the fault does not change that. */
function fateOf(speech: Speech, faults: FaultList, isRefusedLate: boolean): Fate {
  const fault = faults.take('create', ['refused_late', 'fails_late', 'stuck'])
  if (fault?.kind === 'stuck') return { type: 'sticks', progress: fault.progress }
  const isRefused = isRefusedLate || fault?.kind === 'refused_late'
  const code = fault?.code ?? (isRefused ? speech.refusal.late : null)
  return code === null
    ? { type: 'completes' }
    : { type: 'fails', failure: { code, message: fault?.message ?? messageOf(code) } }
}

function characterFate(
  speech: Speech,
  faults: FaultList,
  isRefusedLate: boolean,
  takesTime: boolean,
): CharacterFate {
  if (!takesTime) return { type: 'made' }
  const fault = faults.take('character_create', ['character_fails', 'character_stuck'])
  if (fault?.kind === 'character_stuck') return { type: 'sticks' }
  const code = fault?.code ?? (isRefusedLate ? speech.refusal.late : null)
  return code === null
    ? { type: 'ready' }
    : { type: 'fails', failure: { code, message: fault?.message ?? messageOf(code) } }
}
