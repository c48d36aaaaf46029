import type { Warning } from '../generation/failure.ts'
import type { Generation } from '../generation/generation.ts'
import { isTerminal } from '../generation/liveness.ts'
import type { StartCapacity } from './start-capacity.ts'

/** A generation that waits to be sent, as far as others behind it care: those of its upstreams that could take it. */
export interface Waiting {
  id: string
  upstreams: readonly string[]
  /** Whether it has a slot at its upstream already, and only waits until its create may leave. */
  hasSlot: boolean
}

/** Some of all that wait, evenly spread in the order of their ids; each stands for `weight` of them. */
export interface Queue {
  waiting: readonly Waiting[]
  weight: number
}

/** Beyond this nothing is said: 30 days in ms. */
const horizonMs = 30 * 24 * 3600_000
const steps = 40

/** What a generation waits for; null once its create was sent, and while it waits for something else. */
export function waitingOf(generation: Generation): Waiting | null {
  if (isTerminal(generation)) return null
  const { id, status, attempts, plan } = generation
  const binding = attempts.find(({ state }) => state === 'binding')
  if (binding !== undefined) return { id, upstreams: [binding.upstream], hasSlot: true }
  if (status !== 'queued') return null
  const upstreams = [...plan.candidates, ...plan.standby].map(({ upstream }) => upstream)
  return { id, upstreams, hasSlot: false }
}

/**
 * When the next create of a generation is expected to be sent (ms since the epoch): once its upstreams could take it and
 * everything before it in the queue. Null if that is not known. A generation that several upstreams could take counts at each of
 * them in equal parts.
 */
export function estimatedStart(
  own: Waiting,
  queue: Queue,
  capacities: readonly StartCapacity[],
  now: number,
): number | null {
  const working = capacities.filter(({ from }) => from !== null)
  const usable = working.filter(({ upstream }) => own.upstreams.includes(upstream))
  const ahead = aheadOf(own, queue, idsOf(usable), idsOf(working))
  const takenBy = (at: number): number =>
    usable.reduce((sum, each) => sum + starts(each, own.hasSlot, ahead.withSlot, at), 0)
  const needed = ahead.withoutSlot + 1
  if (takenBy(now + horizonMs) < needed) return null
  let [early, late] = [now, now + horizonMs]
  if (takenBy(early) >= needed) return early
  for (let step = 0; step < steps; step++) {
    const middle = (early + late) / 2
    if (takenBy(middle) >= needed) late = middle
    else early = middle
  }
  return Math.ceil(late)
}

/** For callers: no estimate is a promise, but one beyond the deadline is to be expected to fail. */
export function startWarning(generation: Generation, start: number | null): Warning[] {
  if (start === null || start <= generation.deadlineAt) return []
  return [
    {
      code: 'start_after_deadline',
      detail: `The queue is long: a start is expected at ${new Date(start).toISOString()}, after the deadline at ${new Date(generation.deadlineAt).toISOString()}. Raise routing.deadline_seconds, allow more upstreams, or send less.`,
    },
  ]
}

interface Ahead {
  withoutSlot: number
  /** By upstream. */
  withSlot: ReadonlyMap<string, number>
}

function idsOf(capacities: readonly StartCapacity[]): Set<string> {
  return new Set(capacities.map(({ upstream }) => upstream))
}

function aheadOf(
  own: Waiting,
  { waiting, weight }: Queue,
  usable: ReadonlySet<string>,
  working: ReadonlySet<string>,
): Ahead {
  const withSlot = new Map<string, number>()
  let withoutSlot = 0
  for (const each of waiting) {
    // What has a slot leaves before what has none.
    const isBefore = each.hasSlot === own.hasSlot ? each.id < own.id : each.hasSlot
    if (!isBefore) continue
    const shared = each.upstreams.filter((upstream) => usable.has(upstream))
    if (shared.length === 0) continue
    const [first = ''] = shared
    if (each.hasSlot) withSlot.set(first, (withSlot.get(first) ?? 0) + weight)
    else {
      const possible = each.upstreams.filter((upstream) => working.has(upstream))
      withoutSlot += (weight * shared.length) / possible.length
    }
  }
  return { withoutSlot, withSlot }
}

/** How many of those that wait for this upstream have been sent there by an instant. */
function starts(
  { upstream, from, slots, creates }: StartCapacity,
  hasSlot: boolean,
  withSlot: ReadonlyMap<string, number>,
  at: number,
): number {
  if (from === null || at < from) return 0
  const passed = at - from
  const bySlots = slots === null || hasSlot ? Infinity : slots.free + passed * (slots.freedPerMs ?? 0)
  const byCreates =
    creates === null ? Infinity : creates.burst + passed * creates.perMs - (withSlot.get(upstream) ?? 0)
  return Math.max(0, Math.min(bySlots, byCreates))
}
