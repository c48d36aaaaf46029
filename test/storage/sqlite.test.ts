import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import { fileURLToPath } from 'node:url'
import { sql } from 'kysely'
import t from 'tap'
import { createAuditLog } from '../../src/gateway/storage/accounts/audit-log.ts'
import { createCharacterStore } from '../../src/gateway/storage/characters/character-store.ts'
import { backupDatabase } from '../../src/gateway/storage/engine/backup-database.ts'
import { openDatabase } from '../../src/gateway/storage/engine/database.ts'
import { createGenerationStore } from '../../src/gateway/storage/generations/generation-store.ts'
import { StorageError, StorageInUseError } from '../../src/gateway/storage/engine/storage-error.ts'
import { aCharacter, aGeneration, aLogEntry, anAttempt, START } from '../fixtures/generation.ts'
import { anAuditEntry } from '../fixtures/key.ts'
import { listed } from '../contract/generations/setup.ts'

const unlimited = { monthStart: 0, monthlyBudgetMicros: null, maxInFlight: null }

t.test('a reopened file has everything, and numbers log records on from where it was', async (t) => {
  const file = `${t.testdir()}/understudy.db`
  const generation = aGeneration({ attempts: [anAttempt({ upstreamId: 'job-1' })] })
  const character = aCharacter()
  const record = { key: 'k1', requestHash: 'hash', response: '{}' }
  {
    await using database = await openDatabase({ file })
    const store = createGenerationStore(database)
    await store.insert(generation, {
      entries: [aLogEntry(), aLogEntry()],
      idempotency: record,
      limits: unlimited,
    })
    await store.claimDue({ now: START, owner: 'worker-1', leaseUntil: START + 1000, limit: 1 })
    await createCharacterStore(database).insert(character)
  }
  await using database = await openDatabase({ file })
  const store = createGenerationStore(database)
  t.strictSame(await store.get(generation.id), { generation, version: 1 })
  t.strictSame(await createCharacterStore(database).get(character.id), character)
  t.same(await store.findIdempotency('studio', 'k1', START), record)
  t.equal(await store.ownsJob('reseller-a', 'job-1'), true)
  t.equal((await store.liveAttempts()).length, 1)
  const claim = { now: START, owner: 'worker-2', leaseUntil: START + 1000, limit: 1 }
  t.same(await store.claimDue(claim), [], 'the lease has survived')
  await store.releaseAll(START)
  t.equal((await store.claimDue(claim)).length, 1)
  await store.save(generation, { version: 1, entries: [aLogEntry()], lease: null })
  const records = await store.events(generation.id, 0, 10)
  t.same(
    records.map(({ seq }) => seq),
    [1, 2, 3],
  )
})

t.test(
  'a file of the release before learns which generations use a character, and what may be orphaned',
  async (t) => {
    const file = `${t.testdir()}/understudy.db`
    const generation = aGeneration()
    const character = aCharacter()
    {
      await using database = await openDatabase({ file })
      await createGenerationStore(database).insert(generation, {
        entries: [aLogEntry()],
        idempotency: null,
        limits: unlimited,
      })
      await createCharacterStore(database).insert(character)
    }
    const raw = new DatabaseSync(file)
    raw.exec(`
    drop trigger generations_class_changed; drop trigger generations_class_removed;
    drop trigger attempts_class_added; drop trigger attempts_class_changed; drop table generation_counts;
    drop index generations_leased; drop index bindings_due; drop index attempts_not_taken; drop index attempts_reserved;
    drop table generation_labels; drop index generations_by_state; drop index generations_by_key;
    drop index attempts_by_state; drop index attempts_by_upstream; drop index characters_by_name;
    drop index generations_by_error; drop index generations_attention; drop index attempts_by_failure;
    alter table generations drop column error; alter table generations drop column attention_at;
    drop table series_events; drop table series; drop table submission_pauses;
    drop table generation_characters; drop table comparison_scores; drop table comparisons;
    drop table keys; drop table tenant_budgets; drop table key_uses; drop table audit; drop table deliveries; drop table webhook_secrets;
    drop table sessions;
    drop table recent_creates; drop table calls; drop table exchanges;
    drop index generations_due_by_pool; drop index generations_expiring;
    alter table generations drop column due_pool; alter table generations drop column expires_at;
    drop trigger attempts_added; drop trigger attempts_counted; drop trigger attempts_changed;
    drop trigger generations_changed; drop trigger generations_removed;
    drop trigger attempts_vendor_added; drop trigger attempts_vendor_changed; drop index attempts_vendor_unread;
    alter table attempts drop column vendor_micros; alter table attempts drop column vendor_read;
    alter table attempts drop column list_micros;
    drop index attempts_sent; drop index attempts_by_end; drop table breaker_openings;
    drop trigger attempts_queue_added; drop trigger attempts_queue_changed; drop table attempt_times;
    drop trigger attempts_render_added; drop trigger attempts_render_changed;
    drop trigger attempts_download_added; drop trigger attempts_download_changed;
    alter table attempts drop column submitted_at; alter table attempts drop column queue_ms;
    alter table attempts drop column render_ms; alter table attempts drop column download_ms;
    alter table attempts drop column slot_until;
    drop table key_open; drop table key_months; drop table totals_check;
    drop table usage_days; drop table usage_paths; drop table usage_path_parts;
    drop index attempts_uncounted; drop index generations_uncounted; drop index attempts_of_generation;
    drop index attempts_finished; drop index idempotency_by_age;
    drop index generations_crashed;
    alter table generations drop column crash_points; alter table generations drop column crashed_by;
    drop index generations_ended; drop index attempts_left;
    alter table attempts drop column counted; alter table generations drop column counted;
    delete from kysely_migration where name > '0003_usage';
  `)
    for (const column of [
      'step',
      'span',
      'failure_code',
      'retry_at',
      'sent_at',
      'orphans',
      'silence',
      'asked_by',
      'creations',
      'origin',
      'credential',
      'crash_points',
    ])
      raw.exec(`alter table bindings drop column ${column}`)
    const binding = raw.prepare(`insert into bindings values (?, ?, ?, null, 'null', ?, ?, ?, 1)`)
    binding.run(character.id, 'busy', 'pending', null, 'worker-1', 5)
    binding.run(character.id, 'unwilling', 'failed', 'too short', null, null)
    raw.close()

    await using database = await openDatabase({ file })
    const [use] = generation.request.characters
    const query = { tenant: 'studio', status: null, before: null, limit: 10 }
    const found = await listed(createGenerationStore(database), { ...query, character: use?.id ?? null })
    t.same(found, [generation])
    const characters = createCharacterStore(database)
    t.match(await characters.bindings(character.id), [
      { upstream: 'busy', state: 'pending', step: 'sent', orphans: 0, dueAt: 5 },
      {
        upstream: 'unwilling',
        state: 'failed',
        failure: { code: 'character_invalid', message: 'too short' },
      },
    ])
    t.equal((await characters.dueBindings(5, 10)).length, 1)
    const account = { origin: 'https://vendor.example/v1', credential: 'hash' }
    await characters.assumeAccount('unwilling', account)
    await characters.assumeAccount('unwilling', { ...account, origin: 'https://other.example' })
    t.match(await characters.bindings(character.id), [{ account: null }, { account }])
  },
)

/** What another process is told that opens the file. */
function openElsewhere(file: string): string {
  const opener = fileURLToPath(new URL('open-once.ts', import.meta.url))
  const { status, signal, stdout, stderr } = spawnSync(process.execPath, [opener, file], { encoding: 'utf8' })
  // Whatever else ends the other process is said, too.
  return status === 0 ? stdout : `${signal ?? status}: ${stdout}${stderr}`
}

t.test('a second process on the same file is refused, and let in once the first has closed it', async (t) => {
  const file = `${t.testdir()}/understudy.db`
  const database = await openDatabase({ file })
  t.match(openElsewhere(file), /StorageInUseError: .* is in use by another process/)
  await t.rejects(openDatabase({ file }), StorageInUseError, 'nor twice in one process')
  await database.close()
  t.equal(openElsewhere(file), 'opened')
})

t.test(
  'a process that fails to open its own file again, or backs it up, still keeps others out',
  async (t) => {
    const file = `${t.testdir()}/understudy.db`
    await using database = await openDatabase({ file })
    await t.rejects(openDatabase({ file }), StorageInUseError)
    await backupDatabase(file, `${file}.copy`, START)
    t.match(openElsewhere(file), /StorageInUseError/)
    // The locks of the database itself: somebody who may delete its journal must not believe to be alone.
    const alone = `const { DatabaseSync } = require('node:sqlite'); new DatabaseSync(${JSON.stringify(file)}, { timeout: 0 }).exec('pragma locking_mode = exclusive; begin exclusive')`
    const { status, stderr } = spawnSync(process.execPath, ['-e', alone], { encoding: 'utf8' })
    t.equal(status, 1)
    t.match(stderr, /database is locked/)
    t.equal((await database.read.selectFrom('generations').select('id').execute()).length, 0)
  },
)

t.test('other programs can read the file while it is in use', async (t) => {
  const file = `${t.testdir()}/understudy.db`
  await using database = await openDatabase({ file })
  const generation = aGeneration()
  await createGenerationStore(database).insert(generation, {
    entries: [],
    idempotency: null,
    limits: unlimited,
  })
  using reader = new DatabaseSync(file, { readOnly: true })
  t.same(reader.prepare('select id from generations').all(), [{ id: generation.id }])
})

t.test('every commit waits for the disk, and references are enforced', async (t) => {
  await using database = await openDatabase({ file: `${t.testdir()}/understudy.db` })
  const pragmas = sql`select * from pragma_journal_mode, pragma_synchronous, pragma_foreign_keys`
  const { rows } = await database.write((transaction) => pragmas.execute(transaction))
  t.same(rows, [{ journal_mode: 'wal', synchronous: 2, foreign_keys: 1 }])
})

t.test('an entry of the audit log cannot be changed or taken out, not even in the file', async (t) => {
  const file = `${t.testdir()}/understudy.db`
  {
    await using database = await openDatabase({ file })
    await createAuditLog(database).append(anAuditEntry())
  }
  using other = new DatabaseSync(file)
  t.throws(() => other.exec(`update audit set tenant = 'x'`), /only added to/)
  t.throws(() => other.exec('delete from audit'), /only added to/)
  t.equal(other.prepare('select count(*) as n from audit').get()?.['n'], 1)
})

t.test('a file that is no database is refused with a typed error, and not locked', async (t) => {
  const dir = t.testdir({ 'notes.db': 'These are my notes, and they are longer than a header. '.repeat(20) })
  const file = `${dir}/notes.db`
  await t.rejects(openDatabase({ file }), StorageError)
  await t.rejects(openDatabase({ file }), StorageError, 'the failed start holds no lock')
})

t.test('a file of a later version is refused and left as it is', async (t) => {
  const file = `${t.testdir()}/understudy.db`
  await (await openDatabase({ file })).close()
  {
    using later = new DatabaseSync(file)
    later.exec(`insert into kysely_migration values ('9999_later', '2030-01-01')`)
  }
  const before = readFileSync(file)
  const message = `${file} was written by a later release of Understudy (9999_later). Start that release, or restore the backup from before the upgrade.`
  await t.rejects(openDatabase({ file }), { name: 'NewerDatabaseError', message })
  t.ok(readFileSync(file).equals(before))
})

t.test('one generation that cannot be read does not keep the others from being claimed', async (t) => {
  await using database = await openDatabase({ file: `${t.testdir()}/understudy.db` })
  const store = createGenerationStore(database)
  const limits = { monthStart: START, monthlyBudgetMicros: null, maxInFlight: null }
  const [broken, whole] = [aGeneration(), aGeneration()]
  for (const generation of [broken, whole])
    await store.insert(generation, { entries: [], idempotency: null, limits })
  await database.write((transaction) =>
    transaction.updateTable('generations').set({ doc: '{}' }).where('id', '=', broken.id).execute(),
  )
  const warned = new Promise<Error>((resolve) => void process.once('warning', resolve))
  const claimed = await store.claimDue({ now: START, owner: 'w', leaseUntil: START + 1000, limit: 10 })
  t.same(
    claimed.map(({ generation }) => generation.id),
    [whole.id],
  )
  t.match(await warned, { message: /cannot be read/ })
})
