import { sql } from 'kysely'
import { z } from 'zod'
import type { WebhookSecret, WebhookSecretStore } from '../../ports/webhooks/webhook-secret-store.ts'
import { prepareAppendAudit } from '../accounts/audit-log.ts'
import type { Database } from '../engine/database.ts'
import { webhookSecretsLock } from '../engine/lock-names.ts'
import { prepareQuery } from '../engine/prepared-query.ts'

const secretRow = z
  .object({
    id: z.templateLiteral(['wsec_', z.string()]),
    tenant: z.string(),
    created_at: z.number(),
    expires_at: z.number().nullable(),
  })
  .transform(({ id, tenant, created_at: createdAt, expires_at: expiresAt }): WebhookSecret => ({
    id,
    tenant,
    createdAt,
    expiresAt,
  }))

/** Tenants whose secrets are kept in memory. */
const mostKept = 1000

/**
 * The signing secrets of each tenant. Expired ones are deleted when a new one is created. Where one process owns the database,
 * those of tenants that were asked for are kept in memory: they are read at each accept with a webhook and at each delivery.
 */
export function createWebhookSecretStore({ read, write, commits }: Database): WebhookSecretStore {
  const appendAudit = prepareAppendAudit(read)
  const keeping = createKeptSecrets({ read, commits })
  return {
    insert: ({ id, tenant, createdAt, expiresAt }, othersExpireAt, most, audit) =>
      keeping.changing(
        write(
          async (transaction) => {
            await transaction
              .deleteFrom('webhook_secrets')
              .where('tenant', '=', tenant)
              .where('expires_at', '<=', createdAt)
              .execute()
            const others = await transaction
              .selectFrom('webhook_secrets')
              .select('id')
              .where('tenant', '=', tenant)
              .execute()
            if (others.length >= most && othersExpireAt > createdAt) return 'full'
            await transaction
              .updateTable('webhook_secrets')
              .set({ expires_at: othersExpireAt })
              .where('tenant', '=', tenant)
              .where(sql<boolean>`(expires_at is null or expires_at > ${othersExpireAt})`)
              .execute()
            await transaction
              .insertInto('webhook_secrets')
              .values({ id, tenant, created_at: createdAt, expires_at: expiresAt })
              .execute()
            if (audit !== undefined) await appendAudit(transaction, audit)
            return 'inserted'
          },
          { locks: [webhookSecretsLock(tenant)] },
        ),
      ),
    async list(tenant, now) {
      const secrets = await keeping.made(tenant, now)
      return secrets.filter(({ expiresAt }) => expiresAt === null || expiresAt > now)
    },
    remove: (tenant, id, audit) =>
      keeping.changing(
        write(
          async (transaction) => {
            const removed = await transaction
              .deleteFrom('webhook_secrets')
              .where('tenant', '=', tenant)
              .where('id', '=', id)
              .returning('id')
              .executeTakeFirst()
            if (removed !== undefined && audit !== undefined) await appendAudit(transaction, audit)
            return removed !== undefined
          },
          { locks: [] },
        ),
      ),
  }
}

/** What `list` reads, kept while nothing changes it. */
function createKeptSecrets({ read, commits }: Pick<Database, 'read' | 'commits'>) {
  const inUse = prepareQuery<{ tenant: string; now: number }>((parameter) =>
    read
      .selectFrom('webhook_secrets')
      .selectAll()
      .where('tenant', '=', parameter('tenant'))
      .where((row) => row('expires_at', 'is', null).or('expires_at', '>', parameter('now')))
      .orderBy('id', 'desc'),
  )
  const kept = new Map<string, WebhookSecret[]>()
  let changes = 0

  const forget = (): void => {
    changes += 1
    kept.clear()
  }

  return {
    /** What is read while it changes is not kept. */
    async changing<T>(change: Promise<T>): Promise<T> {
      forget()
      return change.finally(forget)
    },
    /** Those that had not expired when they were read. */
    async made(tenant: string, now: number): Promise<WebhookSecret[]> {
      const known = kept.get(tenant)
      if (known !== undefined) return known
      const before = changes
      const rows = await inUse(read, { tenant, now })
      const secrets = rows.map((row) => secretRow.parse(row))
      if (commits !== null && changes === before) {
        if (kept.size >= mostKept) kept.clear()
        kept.set(tenant, secrets)
      }
      return secrets
    },
  }
}
