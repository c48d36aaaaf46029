/** What a process does: serves requests, processes work, or both. */
export const nodeRoles = ['all', 'api', 'worker'] as const
export type NodeRole = (typeof nodeRoles)[number]

/** One process of the gateway. Instants are ms since the epoch. */
export interface FleetNode {
  id: string
  role: NodeRole
  version: string
  /** Of its configuration, without secrets: the same where nodes are configured the same. */
  digest: string
  /** Where it listens; null before that. */
  address: string | null
  startedAt: number
}

/** A node as the others see it. */
export interface SeenNode extends FleetNode {
  seenAt: number
  /** How far its clock is ahead of that of the database (ms); negative where it is behind. */
  clockSkewMs: number
}

/** How often a node says that it is there, and after which silence it is taken for stopped, and forgotten (ms). */
export const nodeTimes = { beat: 5000, silent: 20_000, forgotten: 24 * 3600_000 }

/** Leases allow for five seconds between the clocks of nodes. */
export const largestSkewMs = 1000

export function isSilent({ seenAt }: Pick<SeenNode, 'seenAt'>, now: number): boolean {
  return now - seenAt > nodeTimes.silent
}

export function isSkewed({ clockSkewMs }: Pick<SeenNode, 'clockSkewMs'>): boolean {
  return Math.abs(clockSkewMs) > largestSkewMs
}
