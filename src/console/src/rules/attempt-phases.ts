/** What an attempt does, one after the other. */
export const phases = ['binding', 'submitting', 'running', 'archiving', 'unknown', 'overdue'] as const
export type Phase = (typeof phases)[number]

/** From `from` to `to`, in milliseconds since 1970. */
export interface PhaseSpan {
  phase: Phase
  from: number
  to: number
}

interface TimedAttempt {
  id: string
  state: string
  started_at: string
  ended_at: string | null
}

/** An event as the API lists it; `attempt` is the id of the attempt that it is about. */
interface TimedEvent {
  type: string
  at: string
  attempt?: unknown
}

const begunBy: Readonly<Record<string, Phase>> = {
  'attempt.started': 'binding',
  'attempt.rebinding': 'binding',
  'attempt.submitting': 'submitting',
  'attempt.accepted': 'running',
  'attempt.unknown': 'unknown',
  'attempt.abandoned': 'overdue',
  'attempt.archiving': 'archiving',
}

const endedBy: ReadonlySet<string> = new Set(['attempt.succeeded', 'attempt.failed'])

const phaseOfState: Readonly<Record<string, Phase>> = {
  binding: 'binding',
  submitting: 'submitting',
  unknown: 'unknown',
  abandoned: 'overdue',
  archiving: 'archiving',
}

/**
 * The phases of one attempt in order, without overlaps; one that is under way ends at `now`. An attempt that came to life again
 * has a gap. Where its events are gone, it is one phase. Times that a clock set back are read as the time before them.
 */
export function phasesOf(attempt: TimedAttempt, events: readonly TimedEvent[], now: number): PhaseSpan[] {
  const spans: PhaseSpan[] = []
  let open: { phase: Phase; from: number } | null = null
  let latest = Date.parse(attempt.started_at)
  const close = (to: number) => {
    if (open !== null && to > open.from) spans.push({ ...open, to })
    open = null
  }
  for (const { type, at, attempt: id } of events) {
    if (id !== attempt.id) continue
    const phase = begunBy[type]
    if (phase === undefined && !endedBy.has(type)) continue
    latest = Math.max(latest, Date.parse(at))
    close(latest)
    if (phase !== undefined) open = { phase, from: latest }
  }
  if (spans.length === 0 && open === null)
    open = { phase: phaseOfState[attempt.state] ?? 'running', from: latest }
  close(attempt.ended_at === null ? Math.max(now, latest) : Math.max(latest, Date.parse(attempt.ended_at)))
  return spans
}

/** Whether it still waits for its upstream, so that its lane grows. */
export function isLive({ state }: { state: string }): boolean {
  return state !== 'succeeded' && state !== 'failed'
}
