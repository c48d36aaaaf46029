import { sql, type Kysely } from 'kysely'
import { z } from 'zod'
import type { Session } from '../../domain/accounts/session.ts'
import type { SessionStore } from '../../ports/accounts/session-store.ts'
import type { Database } from '../engine/database.ts'
import { sessionsLock } from '../engine/lock-names.ts'
import { cleaning } from '../engine/write-options.ts'
import type { Schema } from '../schema.ts'
import type { SessionsTable } from '../tables/account-tables.ts'
import { prepareAppendAudit } from './audit-log.ts'

/** SQLite takes some thousand values in one statement. */
const idsPerQuery = 500

const sessionId = z.templateLiteral(['ses_', z.string()])

const sessionRow = z
  .object({
    id: sessionId,
    token_hash: z.string(),
    lock: z.string(),
    key_id: z.templateLiteral(['key_', z.string()]),
    tenant: z.string(),
    key: z.string(),
    address: z.string(),
    user_agent: z.string().nullable(),
    created_at: z.number(),
    expires_at: z.number(),
    used_at: z.number(),
    ended_at: z.number().nullable(),
  })
  .transform((row): Session => ({
    id: row.id,
    tokenHash: row.token_hash,
    lock: row.lock,
    keyId: row.key_id,
    tenant: row.tenant,
    key: row.key,
    address: row.address,
    userAgent: row.user_agent,
    createdAt: row.created_at,
    expiresAt: row.expires_at,
    usedAt: row.used_at,
    endedAt: row.ended_at,
  }))

function rowOf(session: Session): SessionsTable {
  return {
    id: session.id,
    token_hash: session.tokenHash,
    lock: session.lock,
    key_id: session.keyId,
    tenant: session.tenant,
    key: session.key,
    address: session.address,
    user_agent: session.userAgent,
    created_at: session.createdAt,
    expires_at: session.expiresAt,
    used_at: session.usedAt,
    ended_at: session.endedAt,
  }
}

export function createSessionStore({ read, write }: Database): SessionStore {
  const append = prepareAppendAudit(read)
  return {
    ...readsOf(read),
    insert: (session, audit, most) =>
      write(
        async (transaction) => {
          const others = transaction
            .selectFrom('sessions')
            .select('id')
            .where('key_id', '=', session.keyId)
            .orderBy(sql`ended_at is null`, 'desc')
            .orderBy('used_at', 'desc')
            .orderBy('id', 'desc')
            .limit(most - 1)
          const gone = await transaction
            .deleteFrom('sessions')
            .where('key_id', '=', session.keyId)
            .where('id', 'not in', others)
            .returning('id')
            .execute()
          await transaction.insertInto('sessions').values(rowOf(session)).execute()
          await append(transaction, audit)
          return gone.map(({ id }) => sessionId.parse(id)).toSorted()
        },
        { locks: [sessionsLock(session.keyId)] },
      ),
    async noteUse(id, at) {
      await write(
        (transaction) =>
          transaction
            .updateTable('sessions')
            .set({ used_at: at })
            .where('id', '=', id)
            .where('used_at', '<', at)
            .execute(),
        { locks: [] },
      )
    },
    end: ({ id, keyId }, at, audit) =>
      write(
        async (transaction) => {
          const rows = await transaction
            .updateTable('sessions')
            .set({ ended_at: at })
            .where('ended_at', 'is', null)
            .where('expires_at', '>', at)
            .$if(id !== null, (query) => query.where('id', '=', id))
            .$if(keyId !== null, (query) => query.where('key_id', '=', keyId))
            .returningAll()
            .execute()
          const ended = rows.map((row) => sessionRow.parse(row)).toSorted((a, b) => (a.id < b.id ? -1 : 1))
          for (const session of ended) await append(transaction, audit(session))
          return ended.map((session) => session.id)
        },
        { locks: keyId === null ? [] : [sessionsLock(keyId)] },
      ),
    prune: (before, limit) => prune(write, before, limit),
  }
}

function readsOf(read: Kysely<Schema>): Pick<SessionStore, 'find' | 'list' | 'over'> {
  return {
    async find(tokenHash) {
      const row = await read
        .selectFrom('sessions')
        .selectAll()
        .where('token_hash', '=', tokenHash)
        .executeTakeFirst()
      return row === undefined ? null : sessionRow.parse(row)
    },
    async list({ keyId, now, before, limit }) {
      const rows = await read
        .selectFrom('sessions')
        .selectAll()
        .where('ended_at', 'is', null)
        .where('expires_at', '>', now)
        .$if(keyId !== null, (query) => query.where('key_id', '=', keyId))
        .$if(before !== null, (query) => query.where('id', '<', before))
        .orderBy('id', 'desc')
        .limit(limit)
        .execute()
      return rows.map((row) => sessionRow.parse(row))
    },
    async over(ids, now) {
      const open = new Set<string>()
      for (let from = 0; from < ids.length; from += idsPerQuery) {
        const rows = await read
          .selectFrom('sessions')
          .select('id')
          .where('id', 'in', ids.slice(from, from + idsPerQuery))
          .where('ended_at', 'is', null)
          .where('expires_at', '>', now)
          .execute()
        for (const { id } of rows) open.add(id)
      }
      return ids.filter((id) => !open.has(id))
    },
  }
}

async function prune(write: Database['write'], before: number, limit: number): Promise<number> {
  const { numAffectedRows = 0n } = await write(
    (transaction) =>
      sql`delete from sessions where id in (
        select id from sessions where expires_at < ${before} order by expires_at limit ${limit}
      )`.execute(transaction),
    cleaning,
  )
  return Number(numAffectedRows)
}
