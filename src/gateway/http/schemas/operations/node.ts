import { z } from 'zod'
import { nodeRoles } from '../../../domain/fleet/node.ts'
import type { NodeView } from '../../../services/operations/nodes.ts'
import { timestamp, toTimestamp } from '../fields.ts'

export const NodeDto = z
  .object({
    object: z.literal('node'),
    id: z.string(),
    self: z.boolean().meta({ description: 'Whether this node answered the request.' }),
    role: z.enum(nodeRoles),
    version: z.string().meta({ description: 'Of the gateway.' }),
    configuration_digest: z
      .string()
      .meta({ description: 'The same on all nodes with the same settings, apart from secrets.' }),
    configuration_differs: z.boolean().meta({
      description:
        'From the node that answered, in upstreams, keys, routing, retention, fetching or media. Use the same file on all nodes, and reload each. Nodes of different versions are not compared.',
    }),
    address: z.string().nullable().meta({ description: 'Where it listens.' }),
    started_at: timestamp,
    seen_at: timestamp.meta({ description: 'When it last reported, by the clock of the database.' }),
    silent: z.boolean().meta({
      description: 'Not seen for 20 seconds: it crashed, or cannot reach the database. Removed after a day.',
    }),
    clock_skew_seconds: z
      .number()
      .meta({ description: 'How far its clock is ahead of that of the database; negative if behind.' }),
    clock_skewed: z.boolean().meta({ description: 'By more than one second: synchronize the clocks.' }),
  })
  .meta({
    id: 'Node',
    description: 'A process of the gateway.',
    examples: [
      {
        object: 'node',
        id: 'gateway-1-4711-1795939200000',
        self: true,
        role: 'all',
        version: '1.0.0',
        configuration_digest: '5f3b1c7e9a20',
        configuration_differs: false,
        address: 'http://10.0.0.5:8787',
        started_at: '2026-11-24T08:00:00.000Z',
        seen_at: '2026-11-24T09:30:02.000Z',
        silent: false,
        clock_skew_seconds: 0.004,
        clock_skewed: false,
      },
    ],
  })
export type NodeDto = z.output<typeof NodeDto>

export const NodeList = z
  .object({ data: z.array(NodeDto), has_more: z.boolean(), next_cursor: z.string().nullable() })
  .meta({ id: 'NodeList', description: 'The oldest node first. There is only one page.' })
export type NodeList = z.output<typeof NodeList>

export function toNodeDto(node: NodeView): NodeDto {
  return {
    object: 'node',
    id: node.id,
    self: node.isSelf,
    role: node.role,
    version: node.version,
    configuration_digest: node.digest,
    configuration_differs: node.configuredApart,
    address: node.address,
    started_at: toTimestamp(node.startedAt),
    seen_at: toTimestamp(node.seenAt),
    silent: node.silent,
    clock_skew_seconds: node.clockSkewMs / 1000,
    clock_skewed: node.skewed,
  }
}
