import { createCharacterBook } from './character-book.ts'
import type { CharacterBook } from './character-book.ts'
import { tooManyRunning } from './fault-answer.ts'
import { createFaultList } from './fault-list.ts'
import type { FaultList } from './fault-list.ts'
import type { Operation } from './fault.ts'
import { createJobBook } from './job-book.ts'
import type { Clock, JobBook } from './job-book.ts'
import type { Fate, Job, Order } from './job.ts'
import { judge, messageOf, refusal, refusalCode } from './moderation.ts'
import type { SimulatedUpstream } from './simulated-upstream.ts'
import { accepted } from './vendor-error.ts'
import type { Verdict } from './vendor-error.ts'

export type RequestCounts = Record<Operation, number>

/** The state of one simulated upstream: its jobs, characters, faults, and what it has been asked. */
export interface Vendor {
  readonly upstream: SimulatedUpstream
  readonly clock: Clock
  readonly faults: FaultList
  readonly characters: CharacterBook
  readonly jobs: JobBook
  readonly requests: RequestCounts
  /** Takes a valid order on, unless moderation or the number of running jobs is against it. Every call makes a job. */
  admit(order: Order): Verdict<Job>
  reset(): void
}

export function createVendor(upstream: SimulatedUpstream, clock: Clock): Vendor {
  const faults = createFaultList()
  const characters = createCharacterBook()
  const jobs = createJobBook(upstream, clock)
  const requests = noRequests()

  return {
    upstream,
    clock,
    faults,
    characters,
    jobs,
    requests,
    admit(order) {
      const verdict = judge(order.prompt)
      if (verdict === 'refused') return { ok: false, error: refusal(refusalCode(upstream.dialect), 400) }
      const isFull = upstream.maxInFlight !== undefined && jobs.running() >= upstream.maxInFlight
      if (isFull) return { ok: false, error: tooManyRunning }
      return accepted(jobs.add(order, fateOf(upstream, faults, verdict === 'refused_late')))
    },
    reset() {
      faults.replace([])
      characters.clear()
      jobs.clear()
      Object.assign(requests, noRequests())
    },
  }
}

function noRequests(): RequestCounts {
  return { create: 0, poll: 0, list: 0, delete: 0, content: 0, character_create: 0, character_read: 0 }
}

/** A fault decides a job's fate when it is accepted; clearing the fault does not save the job. */
function fateOf(upstream: SimulatedUpstream, faults: FaultList, isRefusedLate: boolean): Fate {
  const fault = faults.take('create', ['refused_late', 'fails_late', 'stuck'])
  if (fault?.kind === 'stuck') return { type: 'sticks', progress: fault.progress }
  const isRefused = isRefusedLate || fault?.kind === 'refused_late'
  const code = fault?.code ?? (isRefused ? refusalCode(upstream.dialect) : null)
  return code === null
    ? { type: 'completes' }
    : { type: 'fails', failure: { code, message: messageOf(code) } }
}
