import { type Kysely } from 'kysely'
import { z } from 'zod'
import { auditActions } from '../../domain/accounts/audit.ts'
import { storedWord } from '../stored-word.ts'
import type { AuditEntry, CallName } from '../../domain/accounts/audit.ts'
import type { AuditLog } from '../../ports/accounts/audit-log.ts'
import type { Database } from '../engine/database.ts'
import { json } from '../generations/request-document.ts'
import { prepareQuery } from '../engine/prepared-query.ts'
import type { Schema } from '../schema.ts'
import type { AuditTable } from '../tables/account-tables.ts'

const action = storedWord(auditActions)

const entryData = z.record(z.string(), json)

const auditRow = z
  .object({
    id: z.templateLiteral(['aud_', z.string()]),
    at: z.number(),
    action,
    tenant: z.string().nullable(),
    key: z.string().nullable(),
    key_id: z.templateLiteral(['key_', z.string()]).nullable(),
    address: z.string().nullable(),
    request_id: z.string().nullable(),
    subject: z.string().nullable(),
    data: z.string().transform((text) => entryData.parse(JSON.parse(text))),
    once: z.string().nullable(),
  })
  .transform(({ key_id: keyId, request_id: requestId, ...same }): AuditEntry => ({
    ...same,
    keyId,
    requestId,
  }))

/** Writes an entry in the transaction of the change that it records. */
export type AppendAudit = (transaction: Kysely<Schema>, entry: AuditEntry) => Promise<void>

export function prepareAppendAudit(queries: Kysely<Schema>): AppendAudit {
  const insert = prepareQuery<AuditTable>((parameter) =>
    queries
      .insertInto('audit')
      .values({
        id: parameter('id'),
        at: parameter('at'),
        action: parameter('action'),
        tenant: parameter('tenant'),
        key: parameter('key'),
        key_id: parameter('key_id'),
        address: parameter('address'),
        request_id: parameter('request_id'),
        subject: parameter('subject'),
        data: parameter('data'),
        once: parameter('once'),
      })
      // The condition of the partial index `audit_once`, which covers only entries that have such a text.
      .onConflict((conflict) => conflict.column('once').where('once', 'is not', null).doNothing()),
  )
  return async (transaction, { keyId, requestId, data, call, ...same }) => {
    await insert(transaction, { ...same, key_id: keyId, request_id: requestId, data: JSON.stringify(data) })
    if (call !== undefined) await noteMade(transaction, call)
  }
}

async function noteMade(transaction: Kysely<Schema>, { tenant, keyHash }: CallName): Promise<void> {
  await transaction
    .updateTable('calls')
    .set({ made: 1 })
    .where('tenant', '=', tenant)
    .where('key_hash', '=', keyHash)
    .execute()
}

export function createAuditLog({ read, write, report }: Database): AuditLog {
  const append = prepareAppendAudit(read)
  return {
    append: (entry) => write((transaction) => append(transaction, entry), { locks: [] }),
    async list({ tenant, key, action: asked, subject, from, to, before, limit }) {
      const listed = read
        .selectFrom('audit')
        .selectAll()
        .$if(tenant !== null, (query) => query.where('tenant', '=', tenant))
        .$if(key !== null, (query) => query.where('key', '=', key))
        .$if(asked !== null, (query) => query.where('action', '=', asked))
        .$if(subject !== null, (query) => query.where('subject', '=', subject))
        .$if(from !== null, (query) => query.where('at', '>=', from ?? 0))
        .$if(to !== null, (query) => query.where('at', '<', to ?? 0))
        .$if(before !== null, (query) => query.where('id', '<', before ?? ''))
        .orderBy('id', 'desc')
        .limit(limit)
      // Reads along one index until the page is full. Adding more conditions could scan a long history for no match.
      const filters = [tenant, key, asked, subject].filter((value) => value !== null).length
      const isFar = from !== null || to !== null || filters > 1
      const rows = isFar
        ? z.array(z.unknown()).parse((await report([listed.compile()]))[0])
        : await listed.execute()
      return rows.map((row) => auditRow.parse(row))
    },
  }
}
