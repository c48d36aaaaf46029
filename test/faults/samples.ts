/** What is asked of the gateway all the time, by somebody who does nothing wrong. */
export const probes = ['health', 'read', 'create'] as const
export type Probe = (typeof probes)[number]

/** `create`: from asking until the vendor has the order. */
export interface Sample {
  probe: Probe
  at: number
  ms: number
  /** What was wrong with the answer; null when nothing was. */
  error: string | null
}

/** A time in which the gateway was told to stop, or its disk was full. */
export interface Window {
  from: number
  to: number
  /** Which probes cannot be answered as ever meanwhile. */
  spares: readonly Probe[]
}

export interface Figures {
  count: number
  spared: number
  p50: number
  p99: number
  max: number
  errors: Map<string, number>
}

/** A probe that touches a window in which it cannot be answered says nothing. Times in ms. */
export function figuresOf(samples: readonly Sample[], windows: readonly Window[], probe: Probe): Figures {
  const own = samples.filter((each) => each.probe === probe)
  const closed = windows.filter(({ spares }) => spares.includes(probe))
  const counted = own.filter(({ at, ms }) => !closed.some(({ from, to }) => at <= to && at + ms >= from))
  const times = counted.map(({ ms }) => ms).toSorted((a, b) => a - b)
  const at = (share: number): number =>
    times[Math.min(times.length - 1, Math.floor(times.length * share))] ?? 0
  const errors = new Map<string, number>()
  for (const { error } of counted) if (error !== null) errors.set(error, (errors.get(error) ?? 0) + 1)
  return {
    count: times.length,
    spared: own.length - times.length,
    p50: at(0.5),
    p99: at(0.99),
    max: at(1),
    errors,
  }
}
