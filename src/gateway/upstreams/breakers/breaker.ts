import { EventEmitter } from 'node:events'
import CircuitBreaker from 'opossum'
import type { BreakerView } from '../../domain/routing/upstream.ts'
import type { Clock } from '../../ports/clock.ts'
import type { BreakerSettings } from '../settings.ts'

/** What an outcome says about the health of the upstream. `neutral` says nothing (a refusal, an invalid request). */
export type Health = 'ok' | 'failing' | 'neutral'

export interface Breaker {
  /**
   * Runs `call`. If the breaker is open, or half-open with a probe running, returns `whenOpen` instead, given the
   * milliseconds until the next probe (null while one is running). A `call` that throws is neutral.
   */
  run<T>(
    call: () => Promise<T>,
    healthOf: (outcome: T) => Health,
    whenOpen: (retryAfterMs: number | null) => T,
  ): Promise<T>
  view(): BreakerView
  /** Closes the circuit with an empty window. Verdicts of calls that are running do not count. */
  reset(): void
  /** Opens the circuit, as another node did. */
  open(): void
  close(): void
}

interface BreakerDeps {
  clock: Clock
  onChange: (view: BreakerView) => void
  /** Whether this process makes the trial request. Absent: always. */
  mayProbe?: (() => Promise<boolean>) | undefined
}

const buckets = 10

/**
 * One opossum circuit. opossum keeps the window, the threshold and the reset timer, but does not run the calls: it is
 * fired with the verdict of a finished call. Its own handling of calls (opossum 10.0.0) differs in these points:
 * - An error that `errorFilter` lets pass counts as a success: it lowers the failure rate and closes a half-open
 *   circuit. Here a neutral outcome is never fired, so the state stays and the next call can be the probe.
 * - Running and rejected calls count as fired, so a burst of slow failures opens the circuit late.
 * - A call that started before the circuit opened and ends while it is half-open is taken for the probe. Here every
 *   call carries the epoch in which it started, and verdicts of earlier epochs are dropped.
 * - After closing, the failures that opened it are still in the window, and the next one would open it again. Here
 *   closing empties the window.
 * - The rate must exceed the threshold, so 100 % never opens it. Here the threshold is slightly lower.
 * - `timeout` and `abortController` belong to the circuit. Here every call has its own deadline.
 */
export function createBreaker(
  settings: BreakerSettings,
  { clock, onChange, mayProbe }: BreakerDeps,
): Breaker {
  const window = createWindow(settings.windowMs, clock)
  const circuit = new CircuitBreaker(followHealth, {
    timeout: false,
    errorThresholdPercentage: settings.failureRate * 100 - 1e-6,
    volumeThreshold: settings.minCalls,
    rollingCountTimeout: settings.windowMs,
    rollingCountBuckets: buckets,
    rotateBucketController: window.emitter,
    resetTimeout: settings.openMs,
    rollingPercentilesEnabled: false,
    enableSnapshots: false,
  })
  let epoch = 0
  let isProbing = false
  let retryAt = 0

  const view = (): BreakerView => {
    if (circuit.opened) return { state: 'open', retryAt }
    return { state: circuit.halfOpen ? 'half_open' : 'closed', retryAt: null }
  }
  const changed = () => {
    epoch += 1
    isProbing = false
    onChange(view())
  }
  circuit.on('open', () => {
    retryAt = clock.now() + settings.openMs
    changed()
  })
  circuit.on('halfOpen', changed)
  circuit.on('close', () => {
    window.clear()
    changed()
  })

  return {
    async run(call, healthOf, whenOpen) {
      if (circuit.opened) return whenOpen(Math.max(0, retryAt - clock.now()))
      const isProbe = circuit.halfOpen
      if (isProbe && isProbing) return whenOpen(null)
      const startedIn = epoch
      if (isProbe) isProbing = true
      try {
        if (isProbe && mayProbe !== undefined && !(await mayProbe())) return whenOpen(null)
        const outcome = await call()
        const health = healthOf(outcome)
        if (health !== 'neutral' && startedIn === epoch) {
          window.rotate()
          // Rejects for a failing verdict, as expected, and after `close`.
          await circuit.fire(health).catch(() => undefined)
        }
        return outcome
      } finally {
        if (isProbe && startedIn === epoch) isProbing = false
      }
    },
    view,
    reset() {
      if (!circuit.closed) return circuit.close()
      window.clear()
      epoch += 1
    },
    open: () => circuit.open(),
    close: () => circuit.shutdown(),
  }
}

async function followHealth(health: Health): Promise<void> {
  if (health === 'failing') throw new Error('The upstream is failing.')
  await Promise.resolve()
}

/** Rotates opossum's buckets by the gateway's clock when a verdict arrives, instead of by two timers per circuit. */
function createWindow(windowMs: number, clock: Clock) {
  const emitter = new EventEmitter()
  const bucketMs = Math.max(1, windowMs / buckets)
  let turnedAt = clock.now()
  const turn = (times: number) => {
    for (let count = 0; count < Math.min(times, buckets); count += 1) emitter.emit('rotate')
  }
  return {
    emitter,
    rotate() {
      const times = Math.floor((clock.now() - turnedAt) / bucketMs)
      if (times === 0) return
      turn(Math.max(0, times))
      turnedAt += times * bucketMs
    },
    clear: () => turn(buckets),
  }
}
