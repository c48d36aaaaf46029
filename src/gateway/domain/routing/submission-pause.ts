/** Everything: no create leaves to any upstream. */
export const everyUpstream = '*'

/** An operator's word that no create leaves to an upstream. Jobs that are under way are polled and delivered all the same. */
export interface SubmissionPause {
  /** The ID of an upstream, or `everyUpstream`. */
  target: string
  reason: string
  /** Ms since the epoch. */
  since: number
  /** When it ends by itself (ms since the epoch); null: when somebody resumes. */
  until: number | null
  /** The name of the key that paused. */
  by: string
}

export function isInForce({ until }: SubmissionPause, now: number): boolean {
  return until === null || now < until
}

/** What is said to callers and operators of work that waits for it. */
export function pauseDetail({ target, reason }: SubmissionPause): string {
  const what = target === everyUpstream ? 'Submissions are' : 'The upstream is'
  return `${what} paused: ${reason}`
}
