import { sql, type Kysely } from 'kysely'
import { type Migration } from 'kysely/migration'
import { addKeyUses, addTenantBudgets, addUsage, createAudit, createKeys } from './account-migrations.ts'
import { addMadeCalls, createCalls, createRecentCreates } from './caller-migrations.ts'
import { createInstallation } from './backup-migration.ts'
import {
  addBindingAccount,
  addBindingAsker,
  addBindingCrashes,
  addCharacterUse,
} from './character-migrations.ts'
import { createExchanges, indexNotTaken } from './exchange-migrations.ts'
import { addCrashes, addLanes, addSubmissionPauses, findLeases, renameLanes } from './queue-migrations.ts'
import { addComparisonCrashes, createComparisons, indexComparisonsByTenant } from './comparison-migrations.ts'
import { countTimes } from './attempt-times-migration.ts'
import { addStatistics } from './statistics-migration.ts'
import { indexReserved } from './figures-migration.ts'
import { createSeries } from './series-migrations.ts'
import { createSessions } from './session-migration.ts'
import { addRetention } from './retention-migration.ts'
import { addSlots } from './slots-migration.ts'
import { addSearch } from './search-migration.ts'
import { countEndedGenerations } from './totals/generation-counts-migration.ts'
import { addListPrice } from './totals/list-price-migration.ts'
import { addTotals } from './totals/totals-migration.ts'
import { addVendorCost } from './totals/vendor-cost-migration.ts'
import {
  addSeriesDeliveries,
  addWebhookFormat,
  createWebhooks,
  indexFailingDeliveries,
  indexDeliveriesByTenant,
} from '../webhooks/webhook-tables.ts'

/** Instants, money and counts: INTEGER affinity on SQLite, eight bytes on PostgreSQL. */
const number = 'bigint'
/** Ids, words and JSON. */
const text = 'text'

/**
 * In the order of their names. A release refuses a file with a migration that it does not know. Conditions of partial
 * indexes are literal, since the planner uses such an index only where the query says the same.
 */
export const migrations: Record<string, Migration> = {
  '0001_generations': { up: createGenerations },
  '0002_characters': { up: createCharacters },
  '0003_usage': { up: addUsage },
  '0004_character_use': { up: addCharacterUse },
  '0005_comparisons': { up: createComparisons },
  '0006_keys': { up: createKeys },
  '0007_audit': { up: createAudit },
  '0008_webhooks': { up: createWebhooks },
  '0009_deliveries_by_tenant': { up: indexDeliveriesByTenant },
  '0010_recent_creates': { up: createRecentCreates },
  '0011_calls': { up: createCalls },
  '0012_lanes': { up: addLanes },
  '0013_totals': { up: addTotals },
  '0014_webhook_format': { up: addWebhookFormat },
  '0015_crashes': { up: addCrashes },
  '0016_exchanges': { up: createExchanges },
  '0017_retention': { up: addRetention },
  '0018_installation': { up: createInstallation },
  '0019_not_taken': { up: indexNotTaken },
  '0020_made_calls': { up: addMadeCalls },
  '0021_vendor_costs': { up: addVendorCost },
  '0022_comparison_crashes': { up: addComparisonCrashes },
  '0023_binding_account': { up: addBindingAccount },
  '0024_binding_crashes': { up: addBindingCrashes },
  '0025_pools': { up: renameLanes },
  '0026_series': { up: createSeries },
  '0027_series_deliveries': { up: addSeriesDeliveries },
  '0028_list_price': { up: addListPrice },
  '0029_submission_pauses': { up: addSubmissionPauses },
  '0030_tenant_budgets': { up: addTenantBudgets },
  '0031_key_uses': { up: addKeyUses },
  '0032_statistics': { up: addStatistics },
  '0033_failing_deliveries': { up: indexFailingDeliveries },
  '0034_reserved': { up: indexReserved },
  '0035_search': { up: addSearch },
  '0036_attempt_times': { up: countTimes },
  '0037_comparisons_by_tenant': { up: indexComparisonsByTenant },
  '0038_sessions': { up: createSessions },
  '0039_binding_asker': { up: addBindingAsker },
  '0040_slots': { up: addSlots },
  '0041_generation_counts': { up: countEndedGenerations },
  '0042_leases': { up: findLeases },
}

async function createGenerations(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('generations')
    .addColumn('id', text, (column) => column.primaryKey())
    .addColumn('tenant', text, (column) => column.notNull())
    .addColumn('key', text, (column) => column.notNull())
    .addColumn('status', text, (column) => column.notNull())
    .addColumn('created_at', number, (column) => column.notNull())
    .addColumn('due_at', number)
    .addColumn('lease_owner', text)
    .addColumn('lease_until', number)
    .addColumn('version', number, (column) => column.notNull())
    .addColumn('last_seq', number, (column) => column.notNull())
    .addColumn('headroom_micros', number, (column) => column.notNull())
    .addColumn('idempotency_key', text)
    .addColumn('video_at', number)
    .addColumn('doc', text, (column) => column.notNull())
    .execute()
  await db.schema.createIndex('generations_by_tenant').on('generations').columns(['tenant', 'id']).execute()
  await db.schema
    .createIndex('generations_by_status')
    .on('generations')
    .columns(['tenant', 'status', 'id'])
    .execute()
  await db.schema
    .createIndex('generations_due')
    .on('generations')
    .column('due_at')
    .where(sql.ref('due_at'), 'is not', null)
    .execute()
  await db.schema
    .createIndex('generations_video')
    .on('generations')
    .column('video_at')
    .where(sql.ref('video_at'), 'is not', null)
    .execute()
  await db.schema
    .createIndex('generations_unfinished')
    .on('generations')
    .columns(['tenant', 'key', 'headroom_micros'])
    .where(sql<boolean>`status in ('queued', 'in_progress')`)
    .execute()
  await createAttempts(db)
  await createEvents(db)
  await createIdempotency(db)
}

async function createAttempts(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('attempts')
    .addColumn('id', text, (column) => column.primaryKey())
    .addColumn('generation_id', text, (column) => column.references('generations.id').onDelete('set null'))
    .addColumn('tenant', text, (column) => column.notNull())
    .addColumn('key', text, (column) => column.notNull())
    .addColumn('upstream', text, (column) => column.notNull())
    .addColumn('kind', text, (column) => column.notNull())
    .addColumn('state', text, (column) => column.notNull())
    .addColumn('upstream_id', text)
    .addColumn('reserved_micros', number, (column) => column.notNull())
    .addColumn('cost_micros', number, (column) => column.notNull())
    .addColumn('cost_state', text, (column) => column.notNull())
    .addColumn('failure_code', text)
    .addColumn('started_at', number, (column) => column.notNull())
    .addColumn('accepted_at', number)
    .addColumn('ended_at', number)
    .execute()
  await db.schema.createIndex('attempts_by_generation').on('attempts').column('generation_id').execute()
  await db.schema
    .createIndex('attempts_live')
    .on('attempts')
    .columns(['upstream', 'id'])
    .where(
      sql<boolean>`state in ('binding', 'submitting', 'unknown', 'running') and generation_id is not null`,
    )
    .execute()
  await db.schema
    .createIndex('attempts_by_job')
    .on('attempts')
    .columns(['upstream', 'upstream_id'])
    .where(sql.ref('upstream_id'), 'is not', null)
    .execute()
  await db.schema
    .createIndex('attempts_by_key')
    .on('attempts')
    .columns(['tenant', 'key', 'started_at', 'cost_state', 'cost_micros', 'reserved_micros'])
    .execute()
  await db.schema
    .createIndex('attempts_ended')
    .on('attempts')
    .column('ended_at')
    .where(sql.ref('ended_at'), 'is not', null)
    .execute()
}

async function createEvents(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('events')
    .addColumn('generation_id', text, (column) =>
      column.notNull().references('generations.id').onDelete('cascade'),
    )
    .addColumn('seq', number, (column) => column.notNull())
    .addColumn('type', text, (column) => column.notNull())
    .addColumn('at', number, (column) => column.notNull())
    .addColumn('data', text, (column) => column.notNull())
    .addPrimaryKeyConstraint('events_pkey', ['generation_id', 'seq'])
    .execute()
}

async function createIdempotency(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('idempotency')
    .addColumn('tenant', text, (column) => column.notNull())
    .addColumn('key', text, (column) => column.notNull())
    .addColumn('request_hash', text, (column) => column.notNull())
    .addColumn('response', text, (column) => column.notNull())
    .addColumn('generation_id', text, (column) => column.notNull())
    .addColumn('created_at', number, (column) => column.notNull())
    .addPrimaryKeyConstraint('idempotency_pkey', ['tenant', 'key'])
    .execute()
}

async function createCharacters(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('characters')
    .addColumn('id', text, (column) => column.primaryKey())
    .addColumn('tenant', text, (column) => column.notNull())
    .addColumn('name', text, (column) => column.notNull())
    .addColumn('search_text', text, (column) => column.notNull())
    .addColumn('doc', text, (column) => column.notNull())
    .addUniqueConstraint('characters_name', ['tenant', 'name'])
    .execute()
  await db.schema.createIndex('characters_by_tenant').on('characters').columns(['tenant', 'id']).execute()
  await db.schema
    .createTable('bindings')
    .addColumn('character_id', text, (column) =>
      column.notNull().references('characters.id').onDelete('cascade'),
    )
    .addColumn('upstream', text, (column) => column.notNull())
    .addColumn('state', text, (column) => column.notNull())
    .addColumn('handle', text)
    .addColumn('operation', text, (column) => column.notNull())
    .addColumn('failure', text)
    .addColumn('lease_owner', text)
    .addColumn('lease_until', number)
    .addColumn('updated_at', number, (column) => column.notNull())
    .addPrimaryKeyConstraint('bindings_pkey', ['character_id', 'upstream'])
    .execute()
}
