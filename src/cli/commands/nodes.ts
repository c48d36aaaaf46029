import { z } from 'zod'
import type { Api } from '../gateway/api.ts'
import { table } from '../output/table.ts'
import { exitCodes, say, sayJson } from '../output/terminal.ts'
import type { ExitCode, Terminal } from '../output/terminal.ts'

const nodeShape = z.object({
  id: z.string(),
  role: z.string(),
  version: z.string(),
  configuration_digest: z.string(),
  /** A gateway before this release does not compare. */
  configuration_differs: z.boolean().default(false),
  address: z.string().nullable(),
  started_at: z.string(),
  silent: z.boolean(),
  clock_skew_seconds: z.number(),
  clock_skewed: z.boolean(),
})
const nodesShape = z.object({ data: z.array(nodeShape) })

const head = ['NODE', 'ROLE', 'VERSION', 'CONFIGURATION', 'ADDRESS', 'STARTED', 'STATE']

/** `understudy nodes`: the processes that share the database. */
export async function listNodes(
  api: Api,
  terminal: Terminal,
  { json }: { json?: boolean },
): Promise<ExitCode> {
  const nodes = await api.call('GET', '/nodes', nodesShape)
  if (json === true) sayJson(terminal, nodes)
  else say(terminal, table(head, nodes.data.map(rowOf)))
  return exitCodes.fine
}

function rowOf(node: z.output<typeof nodeShape>): string[] {
  const skew = node.clock_skewed ? `, clock off by ${node.clock_skew_seconds} s` : ''
  const apart = node.configuration_differs ? ', configured differently' : ''
  const state = `${node.silent ? 'silent' : 'seen'}${skew}${apart}`
  return [
    node.id,
    node.role,
    node.version,
    node.configuration_digest,
    node.address ?? '-',
    node.started_at,
    state,
  ]
}
