/** Probes that a well-behaved client sends all the time. */
export const probes = ['health', 'read', 'create'] as const
export type Probe = (typeof probes)[number]

/** `create`: from the request until the vendor has the job. */
export interface Sample {
  probe: Probe
  at: number
  ms: number
  /** What was wrong with the response, or null. */
  error: string | null
}

/** A time in which the gateway was being stopped, or its disk was full. */
export interface Window {
  from: number
  to: number
  /** The probes that may fail in this time. */
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

/** Probes that overlap a window in which they may fail are ignored. Times in ms. */
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
