import type { Kysely } from 'kysely'
import { z } from 'zod'
import { revoke } from '../../domain/accounts/gateway-key.ts'
import { scopes } from '../../domain/accounts/client.ts'
import { storedWord } from '../stored-word.ts'
import type { GatewayKey } from '../../domain/accounts/gateway-key.ts'
import type { KeyId } from '../../domain/ids.ts'
import type { KeyStore } from '../../ports/accounts/key-store.ts'
import { prepareAppendAudit } from './audit-log.ts'
import type { Database } from '../engine/database.ts'
import { keysLock } from '../engine/lock-names.ts'
import { upstreamKind } from '../generations/generation-document.ts'
import type { Schema } from '../schema.ts'
import type { KeysTable } from '../tables/account-tables.ts'

/** The stored form of a key. A field added to the domain needs a `.default(…)` here. */
const keyDocument: z.ZodType<GatewayKey> = z.object({
  id: z.templateLiteral(['key_', z.string()]),
  name: z.string(),
  tenant: z.string(),
  scopes: z.array(storedWord(scopes)),
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
  const update: KeyStore['update'] = (id, change, audit) =>
    write(
      async (transaction) => {
        const before = await find(transaction, id)
        if (before === null) return { type: 'missing' }
        const others = async () => (await allUnrevoked(transaction)).filter((each) => each.id !== id)
        const key = await change(before, others)
        if (key === null) return { type: 'refused' }
        if (key === before) return { type: 'updated', key }
        await transaction.updateTable('keys').set(rowOf(key)).where('id', '=', id).execute()
        await append(transaction, audit(before, key))
        return { type: 'updated', key }
      },
      { locks: [keysLock] },
    )
  return {
    insert: (key, audit, most) =>
      write(
        async (transaction) => {
          const names = await unrevokedIn(transaction).select('name').execute()
          if (names.some(({ name }) => name === key.name)) return 'name_taken'
          if (names.length >= most) return 'too_many'
          await transaction.insertInto('keys').values(rowOf(key)).execute()
          await append(transaction, audit)
          return 'inserted'
        },
        { locks: [keysLock] },
      ),
    get: (id) => find(read, id),
    async named(name) {
      const row = await unrevokedIn(read).select('doc').where('name', '=', name).executeTakeFirst()
      return row === undefined ? null : parse(row.doc)
    },
    async list({ before, limit }) {
      const rows = await read
        .selectFrom('keys')
        .select('doc')
        .$if(before !== null, (query) => query.where('id', '<', before))
        .orderBy('id', 'desc')
        .limit(limit)
        .execute()
      return rows.map(({ doc }) => parse(doc))
    },
    unrevoked: () => allUnrevoked(read),
    async revokedNames() {
      const rows = await read
        .selectFrom('keys')
        .select('name')
        .distinct()
        .where('revoked_at', 'is not', null)
        .execute()
      return rows.map(({ name }) => name)
    },
    async change(id, change, audit) {
      const outcome = await update(
        id,
        async (key) => change(key),
        () => audit,
      )
      return outcome.type === 'updated' ? outcome.key : null
    },
    update,
    async revoke(id, at, mayGo, audit) {
      const outcome = await update(
        id,
        async (before, others) => {
          const key = revoke(before, at)
          return key === before || mayGo(before, await others()) ? key : null
        },
        () => audit,
      )
      return outcome.type === 'updated' ? { type: 'revoked', key: outcome.key } : outcome
    },
  }
}

function unrevokedIn(db: Kysely<Schema>) {
  return db.selectFrom('keys').where('revoked_at', 'is', null)
}

async function allUnrevoked(db: Kysely<Schema>): Promise<GatewayKey[]> {
  const rows = await unrevokedIn(db).select('doc').orderBy('id', 'desc').execute()
  return rows.map(({ doc }) => parse(doc))
}

async function find(db: Kysely<Schema>, id: KeyId): Promise<GatewayKey | null> {
  const row = await db.selectFrom('keys').select('doc').where('id', '=', id).executeTakeFirst()
  return row === undefined ? null : parse(row.doc)
}
