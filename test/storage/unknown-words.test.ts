import { DatabaseSync } from 'node:sqlite'
import t from 'tap'
import { settleCost } from '../../src/gateway/domain/attempts/transitions/ends.ts'
import { cellAfter } from '../../src/gateway/domain/characters/comparison.ts'
import { evaluate } from '../../src/gateway/domain/routing/evaluation/evaluate.ts'
import { toAuditDto, AuditPage } from '../../src/gateway/http/schemas/accounts/audit.ts'
import { DeliveryDto, toDeliveryDto } from '../../src/gateway/http/schemas/webhooks/delivery.ts'
import { GenerationDto, toGenerationDto } from '../../src/gateway/http/schemas/generations/generation.ts'
import { createAuditLog } from '../../src/gateway/storage/accounts/audit-log.ts'
import { openDatabase } from '../../src/gateway/storage/engine/database.ts'
import { createDeliveryStore } from '../../src/gateway/storage/webhooks/delivery-store.ts'
import { createGenerationStore } from '../../src/gateway/storage/generations/generation-store.ts'
import { aGeneration, aLogEntry, anAttempt } from '../fixtures/generation.ts'
import { anAuditEntry } from '../fixtures/key.ts'
import { aCell } from '../fixtures/comparison.ts'
import { aPolicy, aRouteRequest, anAvailability, aView } from '../domain/builders.ts'
import { listed } from '../contract/generations/setup.ts'

const unlimited = { monthStart: 0, monthlyBudgetMicros: null, maxInFlight: null }
const anyOfStudio = { tenant: 'studio', status: null, character: null, before: null }
const everything = {
  tenant: null,
  key: null,
  action: null,
  subject: null,
  from: null,
  to: null,
  before: null,
}

/** A file with one row of each kind, whose words another release then wrote. */
async function storedElsewhere(file: string, sql: string): Promise<void> {
  {
    await using database = await openDatabase({ file })
    const store = createGenerationStore(database)
    const webhook = { webhookUrl: 'https://hooks.test/', webhookEvents: ['generation.queued' as const] }
    const plain = aGeneration({ attempts: [anAttempt({ state: 'running' })] })
    const generation = { ...plain, request: { ...plain.request, ...webhook } }
    await store.insert(generation, {
      entries: [aLogEntry({ type: 'generation.queued' })],
      idempotency: null,
      limits: unlimited,
    })
    await createAuditLog(database).append(anAuditEntry())
  }
  using database = new DatabaseSync(file)
  database.exec(sql)
}

t.test('a word of another release is shown as it is, and fails no page', async (t) => {
  const file = `${t.testdir()}/understudy.db`
  await storedElsewhere(
    file,
    `drop trigger audit_no_update;
     update audit set action = 'moon.landed';
     update events set type = 'moon.landed';
     update deliveries set type = 'moon.landed', state = 'orbiting';
     update generations set doc = json_set(doc, '$.attempts[0].kind', 'lunar', '$.attempts[0].state', 'orbiting',
       '$.error', json('{"code":"no_moon","message":"there is none"}'),
       '$.warnings', json('[{"code":"moonless","detail":"dark"}]'))`,
  )
  await using database = await openDatabase({ file })
  const store = createGenerationStore(database)
  const entries = await createAuditLog(database).list({ ...everything, limit: 10 })
  const page = AuditPage.encode({ data: entries.map(toAuditDto), has_more: false, next_cursor: null })
  t.match(page.data, [{ action: 'moon.landed' }])

  const [generation] = await listed(store, { ...anyOfStudio, limit: 10 })
  const { id } = generation!
  t.match(await store.events(id, 0, 10), [{ type: 'moon.landed' }])
  t.match(GenerationDto.encode(toGenerationDto(generation!)), {
    attempts: [{ kind: 'lunar', state: 'orbiting' }],
    error: { code: 'no_moon' },
    warnings: [{ code: 'moonless' }],
  })
  const deliveries = await createDeliveryStore(database).list({ generationId: id, before: null, limit: 10 })
  t.match(
    deliveries.map((delivery) => DeliveryDto.encode(toDeliveryDto(delivery))),
    [{ type: 'moon.landed', state: 'orbiting' }],
  )
})

t.test('the last error of an attempt is read under the name it had before, whatever its code', async (t) => {
  const file = `${t.testdir()}/understudy.db`
  const stored = '{"code":"moon_delayed","message":"it is late","at":0,"tries":2}'
  await storedElsewhere(
    file,
    `update generations set
       doc = json_set(json_remove(doc, '$.attempts[0].lastError'), '$.attempts[0].trouble', json('${stored}'))`,
  )
  await using database = await openDatabase({ file })
  const [generation] = await listed(createGenerationStore(database), { ...anyOfStudio, limit: 1 })
  t.match(GenerationDto.encode(toGenerationDto(generation!)), {
    attempts: [{ last_error: { code: 'moon_delayed', message: 'it is late', tries: 2 } }],
  })
})

t.test('a cost in a state of another release stays reserved, and an unknown charge is counted', async (t) => {
  const file = `${t.testdir()}/understudy.db`
  await storedElsewhere(
    file,
    `update attempts set cost_state = 'escrowed';
     update generations set doc = json_set(doc, '$.status', 'failed', '$.attempts[0].costState', 'escrowed',
       '$.attempts[0].chargedOn', 'moonrise'), status = 'failed'`,
  )
  await using database = await openDatabase({ file })
  const store = createGenerationStore(database)
  const [generation] = await listed(store, { ...anyOfStudio, limit: 1 })
  t.equal(await store.committedMicros('studio', 'key_studio', 0), 120_000, 'of the budget')
  t.match(cellAfter(aCell(1, { state: 'rendering' }), generation!), {
    costMicros: 0,
    reservedMicros: 120_000,
  })
  t.match(GenerationDto.encode(toGenerationDto(generation!)), { attempts: [{ cost_state: 'escrowed' }] })

  const [attempt] = generation!.attempts
  settleCost(attempt!, 'failed')
  t.match(attempt, { costState: 'settled', costMicros: 120_000 }, 'a failed job may have been charged')
})

t.test('an unknown rule of a request is taken as the strict one', async (t) => {
  const file = `${t.testdir()}/understudy.db`
  await storedElsewhere(
    file,
    `update generations set doc = json_set(doc, '$.request.routing.duration', 'lunar',
       '$.request.routing.characterFidelity', 'lunar')`,
  )
  await using database = await openDatabase({ file })
  const [generation] = await listed(createGenerationStore(database), { ...anyOfStudio, limit: 1 })
  const { duration, characterFidelity } = generation!.request.routing
  t.match(evaluate(aRouteRequest(), aView({ durations: [4, 8, 12] }), aPolicy({ duration })), {
    exclusion: { code: 'duration_unsupported' },
  })
  const shown = aRouteRequest({ characters: [anAvailability()] })
  t.match(evaluate(shown, aView({ characters: 'reference' }), aPolicy({ characterFidelity })), {
    type: 'excluded',
    exclusion: { detail: /requires native characters/ },
  })
})
