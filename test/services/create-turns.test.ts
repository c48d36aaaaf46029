import t from 'tap'
import { createOwnSlots } from '../../src/gateway/services/advance/upstream-slots.ts'
import { createUpstreamGate } from '../../src/gateway/services/advance/upstream-gate.ts'
import { openDatabase } from '../../src/gateway/storage/engine/database.ts'
import { createGenerationStore } from '../../src/gateway/storage/generations/generation-store.ts'
import { createLocalRates } from '../../src/gateway/storage/limits/local-rates.ts'
import { aSpec } from '../domain/builders.ts'

const START = 1_800_000_000_000

t.test(
  'creates that wait for the rate of an upstream ask again in turn, and all leave as fast as it allows',
  async (t) => {
    let now = START
    const clock = { now: () => now }
    await using database = await openDatabase({ file: ':memory:' })
    const store = createGenerationStore(database)
    const gate = createUpstreamGate({
      directory: {
        get: () => undefined,
        holderOf: () => undefined,
        all: () => [],
        close: () => Promise.resolve(),
      },
      store,
      clock,
      pauses: { of: () => null },
      slots: createOwnSlots({ store, clock }),
      rates: createLocalRates(clock),
    })
    const spec = aSpec({ createsPerMinute: 60 })
    const creates = 50
    const waiting = Array.from({ length: creates }, () => START)
    let asked = 0
    let leftAt = 0
    for (; waiting.length > 0; now = Math.min(...waiting)) {
      const due = waiting.filter((at) => at <= now)
      waiting.splice(0, waiting.length, ...waiting.filter((at) => at > now))
      asked += due.length
      for (let n = 0; n < due.length; n++) {
        const until = await gate.admitCreate(spec)
        if (until === null) leftAt = now
        else waiting.push(until)
      }
    }
    t.equal(leftAt, START + (creates - 1) * 1000)
    t.ok(asked <= 2 * creates, `${asked} times`)
  },
)
