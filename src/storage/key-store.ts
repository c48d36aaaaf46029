import { z } from 'zod'
import type { GatewayKey } from '../domain/gateway-key.ts'
import type { KeyStore } from '../ports/key-store.ts'
import { prepareAppendAudit } from './audit-log.ts'
import type { Database } from './database.ts'
import { upstreamKind } from './generation-document.ts'
import type { KeysTable } from './schema.ts'

/** The stored form of a key. A field added to the domain needs a `.default(…)` here. */
const keyDocument: z.ZodType<GatewayKey> = z.object({
  id: z.templateLiteral(['key_', z.string()]),
  name: z.string(),
  tenant: z.string(),
  scopes: z.array(z.enum(['generate', 'read', 'admin'])),
  allow: z.array(upstreamKind),
  allowUpstreams: z.array(z.string()).nullable(),
  allowModels: z.array(z.string()).nullable(),
  monthlyBudgetMicros: z.number().nullable(),
  requestsPerMinute: z.number().nullable(),
  maxInFlight: z.number().nullable(),
  secrets: z.array(
    z.object({
      hash: z.string(),
      hint: z.string(),
      createdAt: z.number(),
      validUntil: z.number().nullable(),
    }),
  ),
  createdAt: z.number(),
  expiresAt: z.number().nullable(),
  revokedAt: z.number().nullable(),
})

function parse(doc: string): GatewayKey {
  return keyDocument.parse(JSON.parse(doc))
}

function rowOf(key: GatewayKey): KeysTable {
  return { id: key.id, name: key.name, revoked_at: key.revokedAt, doc: JSON.stringify(key) }
}

export function createKeyStore({ read, write }: Database): KeyStore {
  const append = prepareAppendAudit(read)
  return {
    insert: (key, audit) =>
      write(async (transaction) => {
        const named = await transaction
          .selectFrom('keys')
          .select('id')
          .where('name', '=', key.name)
          .where('revoked_at', 'is', null)
          .executeTakeFirst()
        if (named !== undefined) return 'name_taken'
        await transaction.insertInto('keys').values(rowOf(key)).execute()
        await append(transaction, audit)
        return 'inserted'
      }),
    async all() {
      const rows = await read.selectFrom('keys').select('doc').orderBy('id', 'desc').execute()
      return rows.map(({ doc }) => parse(doc))
    },
    change: (id, change, audit) =>
      write(async (transaction) => {
        const row = await transaction.selectFrom('keys').select('doc').where('id', '=', id).executeTakeFirst()
        if (row === undefined) return null
        const before = parse(row.doc)
        const after = change(before)
        if (after === before) return before
        await transaction.updateTable('keys').set(rowOf(after)).where('id', '=', id).execute()
        await append(transaction, audit)
        return after
      }),
  }
}
