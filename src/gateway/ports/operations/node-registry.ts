import type { FleetNode, SeenNode } from '../../domain/fleet/node.ts'

/** The processes over one database. Instants are those of the clock that all of them go by: the server's, where there is one. */
export interface NodeRegistry {
  /** The node is there. Forgets nodes that were silent for long. */
  beat(node: FleetNode): Promise<SeenNode>
  /** Of all nodes, the oldest first, and what time it is. */
  list(): Promise<{ nodes: SeenNode[]; now: number }>
  /** The node stops. */
  leave(id: string): Promise<void>
}
