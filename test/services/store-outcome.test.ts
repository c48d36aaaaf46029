import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { createLogger } from '../../src/gateway/process/logger.ts'
import { storeOutcome } from '../../src/gateway/services/store-outcome.ts'
import { createHoldStore } from '../../src/gateway/storage/queue/hold-store.ts'
import { openDatabase } from '../../src/gateway/storage/engine/database.ts'

const options = { logger: createLogger('silent', { write: () => undefined }), what: {} }

t.test('what cannot be stored now is tried again', async (t) => {
  let tries = 0
  const write = async () => {
    tries++
    if (tries === 1) throw new Error('no room')
    return 'stored'
  }
  t.equal(await storeOutcome(write, options), 'stored')
})

t.test('once the store is closed nothing is tried again', async (t) => {
  const directory = await mkdtemp(join(tmpdir(), 'understudy-fact-'))
  t.teardown(() => rm(directory, { recursive: true, force: true }))
  const database = await openDatabase({ file: join(directory, 'understudy.db') })
  const holds = createHoldStore(database)
  await database[Symbol.asyncDispose]()
  let tries = 0
  const write = () => {
    tries++
    return holds.heldSince()
  }
  await t.rejects(storeOutcome(write, options), { code: 'closed' })
  t.equal(tries, 1)
})
