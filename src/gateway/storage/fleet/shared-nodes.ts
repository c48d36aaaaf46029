import { sql, type Kysely } from 'kysely'
import { z } from 'zod'
import { nodeRoles, nodeTimes } from '../../domain/fleet/node.ts'
import type { SeenNode } from '../../domain/fleet/node.ts'
import type { Clock } from '../../ports/clock.ts'
import type { NodeRegistry } from '../../ports/operations/node-registry.ts'
import type { Schema } from '../schema.ts'

const instant = z.object({ now: z.number() })
const nodeRow: z.ZodType<SeenNode> = z.object({
  id: z.string(),
  role: z.enum(nodeRoles),
  version: z.string(),
  digest: z.string(),
  sharedDigest: z.string().nullable(),
  address: z.string().nullable(),
  startedAt: z.number(),
  seenAt: z.number(),
  clockSkewMs: z.number(),
})

const columns = sql`id, role, version, digest, shared_digest as "sharedDigest", address, started_at as "startedAt", seen_at as "seenAt",
  clock_skew_ms as "clockSkewMs"`

/** One row for each process, in a table without a log: after a crash of the server, each writes its row again. */
export function createSharedNodes(counters: Kysely<Schema>, clock: Clock): NodeRegistry {
  async function serverNow(): Promise<number> {
    const { rows } = await sql`select database_ms()::bigint as now`.execute(counters)
    return instant.parse(rows[0]).now
  }

  /** The server looked at its clock somewhere in between. */
  async function skew(): Promise<number> {
    const before = clock.now()
    const there = await serverNow()
    return Math.round((before + clock.now()) / 2) - there
  }

  return {
    async beat({ id, role, version, digest, sharedDigest, address, startedAt }) {
      const { rows } = await sql`
        insert into nodes (id, role, version, digest, shared_digest, address, started_at, seen_at, clock_skew_ms)
        values (${id}, ${role}, ${version}, ${digest}, ${sharedDigest}, ${address}, ${startedAt}, database_ms()::bigint, ${await skew()})
        on conflict (id) do update set
          digest = excluded.digest, shared_digest = excluded.shared_digest, address = excluded.address, seen_at = excluded.seen_at,
          clock_skew_ms = excluded.clock_skew_ms
        returning ${columns}`.execute(counters)
      await sql`delete from nodes where seen_at < database_ms()::bigint - ${nodeTimes.forgotten}`.execute(
        counters,
      )
      return nodeRow.parse(rows[0])
    },
    async list() {
      const { rows } = await sql`select ${columns} from nodes order by started_at, id limit 1000`.execute(
        counters,
      )
      return { nodes: z.array(nodeRow).parse(rows), now: await serverNow() }
    },
    async leave(id) {
      await sql`delete from nodes where id = ${id}`.execute(counters)
    },
  }
}
