import { EventEmitter } from 'node:events'
import CircuitBreaker from 'opossum'
import type { BreakerView } from '../../domain/routing/upstream.ts'
import type { Clock } from '../../ports/clock.ts'
import type { BreakerSettings } from '../settings.ts'

/** What an outcome says about the health of the upstream. `neutral` says nothing (a refusal, an invalid request). */
export type Health = 'ok' | 'failing' | 'neutral'

export interface Breaker {
  /**
   * Runs `call` unless the breaker is open, or half-open with its probe under way; then it answers `whenOpen` with the
   * milliseconds until the next probe (null when one is under way). A `call` that throws counts as neutral.
   */
  run<T>(
    call: () => Promise<T>,
    healthOf: (outcome: T) => Health,
    whenOpen: (retryAfterMs: number | null) => T,
  ): Promise<T>
  view(): BreakerView
  close(): void
}

const buckets = 10

/**
 * One opossum circuit. opossum keeps the window, the threshold and the reset timer, but it never runs the calls: it is
 * fired with the verdict of a call that has ended, because of what it does with calls of its own (opossum 10.0.0):
 * - an error that `errorFilter` lets pass counts as success, dilutes the failure rate and closes a half-open circuit.
 *   Here a neutral outcome is never fired: the state stays, and the probe is free for the next call;
 * - calls in flight and calls it rejected count as fired, so that a burst of slow failures opens it late;
 * - a call started before it opened, and ending while it is half-open, is taken for the probe. Here every call carries the
 *   epoch it started in, and a verdict of an earlier epoch is dropped;
 * - after closing, the failures that opened it are still in the window, and the next one would open it again. Here closing
 *   empties the window;
 * - a rate above 100 % is never reached, and exactly the threshold does not open it. Here the threshold lies a hair below;
 * - `timeout` and `abortController` belong to the circuit, not to a call: every call here has its own deadline.
 */
export function createBreaker(
  settings: BreakerSettings,
  { clock, onChange }: { clock: Clock; onChange: (view: BreakerView) => void },
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
        const outcome = await call()
        const health = healthOf(outcome)
        if (health !== 'neutral' && startedIn === epoch) {
          window.rotate()
          // Rejects for a failing verdict, which is what it was told, and after `close`, when nobody counts any more.
          await circuit.fire(health).catch(() => undefined)
        }
        return outcome
      } finally {
        if (isProbe && startedIn === epoch) isProbing = false
      }
    },
    view,
    close: () => circuit.shutdown(),
  }
}

async function followHealth(health: Health): Promise<void> {
  if (health === 'failing') throw new Error('The upstream is failing.')
  await Promise.resolve()
}

/** Turns opossum's buckets by the gateway's clock, when a verdict comes, instead of by two timers for each circuit. */
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
