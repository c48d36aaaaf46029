import { assert, integer, property } from 'fast-check'
import t from 'tap'
import { addressEnd } from '../../src/gateway/domain/generation/signed-address.ts'

const hour = 3600_000

t.test('an address is valid for 12 to 24 hours, and the same for half a day', async () => {
  assert(
    property(integer({ min: 0, max: 4_000_000_000_000 }), (now) => {
      const left = addressEnd(now) - now
      const sameAt = addressEnd(now) - 24 * hour
      return left > 12 * hour && left <= 24 * hour && addressEnd(sameAt) === addressEnd(now)
    }),
  )
})
