import type { CreateOutcome } from '../../domain/attempts/outcome.ts'
import type { Outage } from '../../domain/routing/upstream.ts'
import type { Clock } from '../../ports/clock.ts'

/** Blocks creates for models that an upstream reports as removed, paused or not deployed. */
export interface Outages {
  /**
   * Runs `create`. While the model is unavailable, the outcome is `never_sent`. After the waiting time, one create
   * tries the model again while others wait for its result. Everybody sees the reason of an outage: `mask` takes out of it what
   * belongs to this create alone.
   */
  run(
    model: string,
    create: () => Promise<CreateOutcome>,
    mask: (text: string) => string,
  ): Promise<CreateOutcome>
  /** Outages that are not due for a retry. */
  current(): Outage[]
  /** Ends all outages; the models that are not due for a retry yet. */
  reset(): string[]
}

/** How long others wait for the create that tries a model again. No create takes longer. */
const trialMs = 60_000

/**
 * One response is enough: an upstream that reports the model as removed, or the API as paused, does not mean this
 * request (docs/vendors/failure-modes.md#model-unavailable). It does not count as a breaker failure, because the other
 * models of the upstream still work.
 */
export function createOutages(
  forMs: number,
  { clock, onChange }: { clock: Clock; onChange: (outage: Outage | { model: string; until: null }) => void },
): Outages {
  const outages = new Map<string, Outage>()
  /** 0 when it is over, also if the clock was set back. */
  const leftMsOf = ({ until }: Outage): number => {
    const leftMs = Math.max(0, until - clock.now())
    return leftMs > Math.max(forMs, trialMs) ? 0 : leftMs
  }

  const current = () => [...outages.values()].filter((outage) => leftMsOf(outage) > 0)

  return {
    async run(model, create, mask) {
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
        const outage = { model, reason: mask(outcome.message), until: clock.now() + forMs }
        outages.set(model, outage)
        onChange(outage)
      } else if (known !== undefined) {
        const hasTried = outcome.type !== 'never_sent'
        if (!hasTried) outages.set(model, { ...known, until: clock.now() })
        else if (outages.delete(model)) onChange({ model, until: null })
      }
      return outcome
    },
    current,
    reset() {
      const models = current().map(({ model }) => model)
      outages.clear()
      for (const model of models) onChange({ model, until: null })
      return models
    },
  }
}
