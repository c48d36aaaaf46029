import type { SeenNode } from '../../domain/fleet/node.ts'

export interface NodeView extends SeenNode {
  /** Whether it answered the call. */
  isSelf: boolean
  /** Not seen for a while: it stopped without saying so, or cannot reach the database. */
  silent: boolean
  skewed: boolean
  /** From the node that answered the call, in what nodes should have alike. */
  configuredApart: boolean
}

export interface NodeService {
  list(): Promise<NodeView[]>
  /** Says that this process is there. Always 0: there is nothing to go on with. */
  beat(): Promise<number>
  /** An orderly stop. Does not throw: the process is ending. */
  leave(): Promise<void>
}
