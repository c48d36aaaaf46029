import { setTimeout as pause } from 'node:timers/promises'
import t from 'tap'
import { systemClock } from '../src/gateway/process/system-clock.ts'
import { clockContract } from './contract/clock.suite.ts'
import { createHeldClock } from './fixtures/held-clock.ts'

t.test('the clocks of the system', async (t) => {
  clockContract(t, async (t) => {
    const { now } = Date
    t.teardown(() => (Date.now = now))
    return {
      clock: systemClock,
      monotonic: () => performance.now(),
      pass: (ms) => pause(ms),
      // The system's clock is not changed; only `Date.now` returns another time.
      set(byMs) {
        const before = Date.now
        Date.now = () => before() + byMs
      },
    }
  })
})

t.test('the clocks that tests hold', async (t) => {
  clockContract(t, async () => {
    const held = createHeldClock()
    return { ...held, pass: async (ms) => held.advance(ms) }
  })
})
