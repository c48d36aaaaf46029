import { openDatabase } from '../../src/gateway/storage/engine/database.ts'
import { createGenerationStore } from '../../src/gateway/storage/generations/generation-store.ts'
import { aGeneration, aLogEntry } from '../fixtures/generation.ts'

const unlimited = { monthStart: 0, monthlyBudgetMicros: null, maxInFlight: null }
const [file = ''] = process.argv.slice(2)
const store = createGenerationStore(await openDatabase({ file }))

async function insertForever(): Promise<never> {
  for (;;) {
    const generation = aGeneration()
    const record = { key: generation.id, requestHash: 'hash', response: '{}' }
    await store.insert(generation, {
      entries: [aLogEntry(), aLogEntry()],
      idempotency: record,
      limits: unlimited,
    })
    process.stdout.write(`${generation.id}\n`)
  }
}

await Promise.all(Array.from({ length: 20 }, insertForever))
