import type { CreateOutcome } from '../../domain/attempts/outcome.ts'
import type { Outage } from '../../domain/routing/upstream.ts'
import type { Clock } from '../../ports/clock.ts'

/** Blocks creates for models that an upstream reports as removed, paused or not deployed. */
export interface Outages {
  /**
   * Runs `create` unless the model is unavailable, which is `never_sent`. After the waiting time, one create tries the
   * model again while others wait for its result.
   */
  run(model: string, create: () => Promise<CreateOutcome>): Promise<CreateOutcome>
  /** Those that are not due to be tried. */
  current(): Outage[]
}

/** How long others wait for the create that tries a model again; longer than a create may take is not needed. */
const trialMs = 60_000

/**
 * One answer is enough: an upstream that names the model as gone, or the interface as paused, does not mean this request
 * (docs/vendors/failure-modes.md#model-unavailable). It is not a failure of the breaker, because an upstream's other
 * models go on.
 */
export function createOutages(
  forMs: number,
  { clock, onChange }: { clock: Clock; onChange: (outage: Outage | { model: string; until: null }) => void },
): Outages {
  const outages = new Map<string, Outage>()
  /** 0 when it is over, which it also is when the clock was set back under it. */
  const leftMsOf = ({ until }: Outage): number => {
    const leftMs = Math.max(0, until - clock.now())
    return leftMs > Math.max(forMs, trialMs) ? 0 : leftMs
  }

  return {
    async run(model, create) {
      const known = outages.get(model)
      if (known !== undefined) {
        const leftMs = leftMsOf(known)
        if (leftMs > 0)
          return {
            type: 'never_sent',
            message: `The model ${model} is unavailable: ${known.reason}`,
            retryAfterMs: leftMs,
          }
        outages.set(model, { ...known, until: clock.now() + trialMs })
      }
      const outcome = await create()
      if (outcome.type === 'upstream_down' && outcome.modelGone === true) {
        const outage = { model, reason: outcome.message, until: clock.now() + forMs }
        outages.set(model, outage)
        onChange(outage)
      } else if (known !== undefined) {
        const hasTried = outcome.type !== 'never_sent'
        if (!hasTried) outages.set(model, { ...known, until: clock.now() })
        else if (outages.delete(model)) onChange({ model, until: null })
      }
      return outcome
    },
    current: () => [...outages.values()].filter((outage) => leftMsOf(outage) > 0),
  }
}
