import { DatabaseSync } from 'node:sqlite'
import t from 'tap'
import { toAuditDto, AuditPage } from '../../src/gateway/http/schemas/accounts/audit.ts'
import { DeliveryDto, toDeliveryDto } from '../../src/gateway/http/schemas/webhooks/delivery.ts'
import { GenerationDto, toGenerationDto } from '../../src/gateway/http/schemas/generations/generation.ts'
import { createAuditLog } from '../../src/gateway/storage/accounts/audit-log.ts'
import { openDatabase } from '../../src/gateway/storage/engine/database.ts'
import { createDeliveryStore } from '../../src/gateway/storage/webhooks/delivery-store.ts'
import { createGenerationStore } from '../../src/gateway/storage/generations/generation-store.ts'
import { aGeneration, aLogEntry, anAttempt } from '../fixtures/generation.ts'
import { anAuditEntry } from '../fixtures/key.ts'

const unlimited = { monthStart: 0, monthlyBudgetMicros: null, maxInFlight: null }
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

  const [generation] = await store.list({
    tenant: 'studio',
    status: null,
    character: null,
    before: null,
    limit: 10,
  })
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
