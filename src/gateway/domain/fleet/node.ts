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
  /** Of what all nodes should have alike; null of a release that does not tell. */
  sharedDigest: string | null
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

/** A changed file reaches all nodes within this time (ms), unless one was left out. */
export const configuredAlikeAfter = 60_000

/** Leases allow for five seconds between the clocks of nodes. */
export const largestSkewMs = 1000

export function isSilent({ seenAt }: Pick<SeenNode, 'seenAt'>, now: number): boolean {
  return now - seenAt > nodeTimes.silent
}

/** Whether two nodes are configured differently where they should not be. Releases may complete the same file differently. */
export function isConfiguredApart(node: Configured, other: Configured): boolean {
  if (node.version !== other.version) return false
  if (node.sharedDigest === null || other.sharedDigest === null) return false
  return node.sharedDigest !== other.sharedDigest
}

type Configured = Pick<FleetNode, 'version' | 'sharedDigest'>

export function isSkewed({ clockSkewMs }: Pick<SeenNode, 'clockSkewMs'>): boolean {
  return Math.abs(clockSkewMs) > largestSkewMs
}
