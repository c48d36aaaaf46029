/** What tells one history of a database from another. */
export interface ServerHistory {
  /** Of the cluster: a copy made with `pg_dump` has another one. Null where the server does not tell. */
  systemId: string | null
  /** Grows with every promotion of a standby, and with a recovery to a point in time. */
  timeline: number
  /** Whether a commit waits until a standby has it. */
  synchronous: boolean
}

/** `held`: commits may be missing that this installation has acted on. */
export type HistoryVerdict = 'first' | 'same' | 'continued' | 'held'

/**
 * Compares what a node stored last with what it finds now. A promoted standby has every commit only if commits waited for
 * it. A copy in another cluster is as old as its backup.
 */
export function historyVerdict(before: ServerHistory | null, now: ServerHistory): HistoryVerdict {
  if (before === null) return 'first'
  const isOtherCluster = before.systemId !== null && now.systemId !== null && before.systemId !== now.systemId
  if (isOtherCluster || now.timeline < before.timeline) return 'held'
  if (now.timeline === before.timeline) return 'same'
  return before.synchronous ? 'continued' : 'held'
}
