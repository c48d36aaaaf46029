import * as fc from 'fast-check'
import t from 'tap'
import { roundedMs } from '../../src/gateway/domain/statistics/phases.ts'
import { openDatabase } from '../../src/gateway/storage/engine/database.ts'
import { statisticsProperty } from './statistics-property.ts'

statisticsProperty(t, () => openDatabase({ file: ':memory:' }), 40)

t.test('a rounded time is at most a 64th off, exact below 64 ms, and keeps the order', async (t) => {
  const time = fc.oneof(fc.integer({ min: 0, max: 200 }), fc.integer({ min: 0, max: 2 ** 40 }))
  t.doesNotThrow(() =>
    fc.assert(
      fc.property(time, time, (one, other) => {
        const keepsOrder =
          one <= other ? roundedMs(one) <= roundedMs(other) : roundedMs(one) >= roundedMs(other)
        const off = Math.abs(roundedMs(one) - one)
        return keepsOrder && off <= one / 64 && (one >= 64 || off === 0)
      }),
      { numRuns: 5000 },
    ),
  )
})
