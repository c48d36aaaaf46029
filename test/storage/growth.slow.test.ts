import { DatabaseSync } from 'node:sqlite'
import { monitorEventLoopDelay, performance } from 'node:perf_hooks'
import { CompiledQuery } from 'kysely'
import t from 'tap'
import type { Test } from 'tap'
import { z } from 'zod'
import { createAuditLog } from '../../src/gateway/storage/accounts/audit-log.ts'
import { openDatabase, type Database } from '../../src/gateway/storage/engine/database.ts'
import { unnamedIn } from '../../src/gateway/storage/media/unnamed-media.ts'
import { usageQueries } from '../../src/gateway/storage/ledger/usage/usage-sums.ts'
import type { GenerationStorage } from '../../src/gateway/ports/generations/generation-storage.ts'
import { createRetentionStore } from '../../src/gateway/storage/media/retention-store.ts'
import type {
  EndedGeneration,
  PassPlace,
  RetentionStore,
} from '../../src/gateway/ports/generations/retention-store.ts'
import { createGenerationStore } from '../../src/gateway/storage/generations/generation-store.ts'
import { aGeneration, aLogEntry, characterId, mediaId } from '../fixtures/generation.ts'
import { anAuditEntry } from '../fixtures/key.ts'
import { fillYear, YEAR } from '../fixtures/storage/filled-year.ts'
import { watchStatements } from '../fixtures/storage/watched-statements.ts'
import { listed } from '../contract/generations/setup.ts'

const ROWS = 200_000
const now = Date.UTC(2026, 10, 20)
const november = Date.UTC(2026, 10, 1)
const budget = { monthStart: november, monthlyBudgetMicros: 1e15, maxInFlight: 1_000_000 }
const file = `${t.testdir()}/understudy.db`

/** Made in a thread of their own, and yet not from more than the totals and two days of the ledger. */
async function reports(t: Test, store: GenerationStorage, database: Database): Promise<void> {
  const hour = 3_600_000
  const whole = { tenant: null, from: november, to: Date.UTC(2026, 11, 1), limit: 10_000 }
  const year = { ...whole, from: now - YEAR + hour, to: now + 5 * hour }
  const groupBy = ['key', 'upstream', 'day'] as const
  const lag = monitorEventLoopDelay({ resolution: 1 })
  for (const query of [
    whole,
    year,
    { ...year, tenant: 'studio' },
    { ...whole, from: now + 1, to: now + 9 },
  ]) {
    for (const question of [
      { ...query, groupBy },
      { ...query, groupBy: [] },
    ]) {
      const from = performance.now()
      lag.enable()
      const { totals } = await store.usage(question)
      lag.disable()
      t.comment(`a report of ${totals.attempts} attempts in ${Math.round(performance.now() - from)} ms`)
      for (const each of usageQueries(question, true)) {
        const { sql } = each.compile(database.read)
        const { rows } = await database.read.executeQuery(CompiledQuery.raw(`explain query plan ${sql}`))
        const plan = rows.map((row) => z.object({ detail: z.string() }).parse(row).detail)
        t.strictSame(
          plan.filter((detail) => /^SCAN (e|a|attempts)\b/.test(detail)),
          [],
          sql,
        )
      }
    }
  }
  t.comment(`the event loop was held for ${(lag.max / 1e6).toFixed(1)} ms at the most meanwhile`)
}

/** A whole turn of the sweep: which of as many files as it lists at a time stand in no record of a year. */
async function orphans(t: Test): Promise<void> {
  const ids = Array.from({ length: 20_000 }, (_, n) => mediaId(n))
  const lag = monitorEventLoopDelay({ resolution: 1 })
  const from = performance.now()
  lag.enable()
  const unnamed = await unnamedIn(file, ids, AbortSignal.timeout(300_000))
  lag.disable()
  t.ok(unnamed.length > 19_900, 'the records were read')
  t.comment(
    `${ids.length} files were looked up in ${Math.round(performance.now() - from)} ms; ` +
      `the event loop was held for ${(lag.max / 1e6).toFixed(1)} ms at the most meanwhile`,
  )
}

/** Several batches of each kind, as retention removes them. */
async function removeSome(retained: RetentionStore): Promise<void> {
  const bound = now - YEAR / 2
  let place: PassPlace | null = null
  for (let batch = 0; batch < 5; batch++) {
    const ended: EndedGeneration[] = await retained.endedBefore(bound, place, 50)
    for (const { id } of ended.slice(0, 10)) {
      await retained.removeEvents(id)
      await retained.removeDeliveries(id)
    }
    for (const { id } of ended.slice(10)) await retained.removeEnded(id)
    place = ended.at(-1) ?? null
    await retained.removeAttempts(bound, 100)
    await retained.removeAudit(bound, anAuditEntry({ at: now, action: 'audit.entries_removed' }), 100)
  }
}

/**
 * Tables that grow with the history. A plan that scans one of them becomes slower every day, unless it uses an index
 * that only contains unfinished work.
 */
const growing =
  /^SCAN (generations|attempts|events|audit|idempotency|deliveries|recent_creates|calls)\b(?!.*attempts_live)/

t.test('what is asked all the time reads a bounded number of rows of a year of one key', async (t) => {
  await fillYear(file, ROWS, now)
  await using database = await openDatabase({ file })
  const store = createGenerationStore(database)
  const audit = createAuditLog(database)
  const from = performance.now()
  while ((await store.countLedger()) > 0);
  t.ok(database.totals.usable, 'the year is counted, and compared with the ledger')
  t.comment(`counted ${ROWS} attempts in ${Math.round(performance.now() - from)} ms`)

  const { seen, stop } = watchStatements()
  t.teardown(stop)
  const added = aGeneration({ createdAt: now })
  const idempotency = { key: 'once', requestHash: 'h', response: '{}' }
  t.match(await store.insert(added, { entries: [aLogEntry()], idempotency, limits: budget }), {
    type: 'inserted',
  })
  await store.get(added.id)
  await store.events(added.id, 0, 100)
  await store.findIdempotency(added.tenant, 'once', now - 86_400_000)
  const page = { tenant: added.tenant, character: null, before: null, limit: 100 }
  await listed(store, { ...page, status: null })
  await listed(store, { ...page, status: 'failed' })
  await store.committedMicros(added.tenant, added.key, november)
  await store.statistics(now - 86_400_000)
  await store.liveAttempts()
  await store.nextDueAt()
  await store.claimDue({ now, owner: 'w', leaseUntil: now + 1, limit: 100 })
  const entries = { tenant: null, key: null, action: null, subject: null, from: null, to: null, before: null }
  await audit.list({ ...entries, limit: 100 })
  await audit.list({ ...entries, action: 'configuration.reloaded', limit: 100 })
  await audit.list({ ...entries, key: 'nobody', limit: 100 })
  await audit.list({ ...entries, tenant: 'nobody', limit: 100 })
  await audit.list({ ...entries, subject: 'gen_none', limit: 100 })
  await audit.list({ ...entries, to: now - 2 * YEAR, limit: 100 })
  await audit.list({ ...entries, from: now + YEAR, limit: 100 })
  await audit.list({ ...entries, from: now - YEAR / 2, to: now - YEAR / 2 + 1000, limit: 100 })
  const [entry] = await audit.list({ ...entries, limit: 1 })
  const usual = { ...entries, tenant: entry?.tenant ?? null, key: entry?.key ?? null, limit: 100 }
  await audit.list({ ...usual, action: entry?.action ?? null, subject: 'gen_none' })
  await audit.list({ ...usual, action: 'configuration.reloaded' })
  await audit.list({ ...usual, to: now - 2 * YEAR })
  await listed(store, { ...page, status: null, character: characterId(1) })
  await listed(store, { ...page, status: 'failed', character: characterId(1) })
  await listed(store, { ...page, status: null, oldestFirst: true })
  await store.ownsJob('reseller-a', 'none')
  await store.ownersOf('reseller-a', ['none', 'neither'])
  await store.unknownAttempts('reseller-a', 0, 100)
  await store.unansweredCreates('reseller-a', 2)
  await store.videosBefore(now - YEAR, 200)
  await reports(t, store, database)
  await orphans(t)
  await removeSome(createRetentionStore(database))
  stop()
  t.notOk(
    seen.some(({ sql }) => /^select .*(from|join) usage_/s.test(sql)),
    'no report is read here',
  )

  using raw = new DatabaseSync(file, { readOnly: true })
  const statements = seen.filter(({ sql }) => /^\s*(select|insert|update|delete|with)/i.test(sql))
  for (const { sql, rows } of statements) {
    const plan = raw.prepare(`explain query plan ${sql}`).all()
    const scans = plan.map(({ detail }) => String(detail)).filter((detail) => growing.test(detail))
    // In the order of an index and up to a limit: no further than the page.
    const unbounded = scans.filter((detail) => !(/USING/.test(detail) && /\blimit\b/i.test(sql)))
    t.strictSame(unbounded, [], sql)
    t.ok(rows <= 501, `${rows} rows`)
  }
  t.ok(statements.length > 20, 'statements were seen')
  const fastest = new Map<string, number>()
  for (const { sql, ms } of statements) fastest.set(sql, Math.min(ms, fastest.get(sql) ?? Infinity))
  for (const [sql, ms] of fastest) t.ok(ms < 20, `${ms.toFixed(1)} ms: ${sql.slice(0, 80)}`)
  const slowest = seen.toSorted((a, b) => b.ms - a.ms).slice(0, 3)
  for (const { sql, ms } of slowest) t.comment(`${ms.toFixed(1)} ms: ${sql.slice(0, 120)}`)
})
