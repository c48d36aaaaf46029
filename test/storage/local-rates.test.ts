import t from 'tap'
import { createLocalRates } from '../../src/gateway/storage/limits/local-rates.ts'
import { upstreamRatesContract } from '../contract/upstream-rates.suite.ts'
import { createHeldClock } from '../fixtures/held-clock.ts'

t.test('rates of upstreams, counted in the process', async (t) => {
  upstreamRatesContract(t, async () => {
    const held = createHeldClock()
    const { clock } = held
    return {
      nodes: [createLocalRates(clock)],
      now: () => clock.now(),
      set: async (now) => held.set(now - clock.now()),
    }
  })
})
