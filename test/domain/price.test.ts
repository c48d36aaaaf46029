import * as fc from 'fast-check'
import t from 'tap'
import { formatUsd, microsToUsd, priceOf, usdToMicros } from '../../src/gateway/domain/routing/price.ts'

t.test('dollars become whole micro-dollars and come back the same', async (t) => {
  const rows: Array<[number, number]> = [
    [0, 0],
    [0.12, 120_000],
    [0.1 + 0.2, 300_000],
    [1.005, 1_005_000],
    [0.0000004, 0],
    [0.0000005, 1],
    [99_999.99, 99_999_990_000],
  ]
  for (const [usd, micros] of rows) t.equal(usdToMicros(usd), micros)
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 1e12 }), (micros) => usdToMicros(microsToUsd(micros)) === micros),
  )
})

t.test('a price per request is the same for every length and size', async (t) => {
  t.equal(priceOf({ type: 'per_request', micros: 120_000 }, 5, '1280x720'), 120_000)
  t.equal(priceOf({ type: 'per_request', micros: 120_000 }, 15, '1792x1024'), 120_000)
})

t.test('a price per second goes by the length, and by the size where that has one', async (t) => {
  const price = {
    type: 'per_second' as const,
    micros: { default: 100_000, '1792x1024': 500_000, '640x360': 0 },
  }
  t.equal(priceOf(price, 12, '1280x720'), 1_200_000)
  t.equal(priceOf(price, 12, '1792x1024'), 6_000_000)
  t.equal(priceOf(price, 12, '640x360'), 0, 'free is a price')
  t.equal(priceOf(price, 0, '1280x720'), 0)
})

t.test('a price is a whole number of micro-dollars, and longer is never cheaper', async () => {
  const seconds = fc.double({ min: 0, max: 3600, noNaN: true })
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 10_000_000 }), seconds, seconds, (micros, one, other) => {
      const price = { type: 'per_second' as const, micros: { default: micros } }
      const [short, long] = [Math.min(one, other), Math.max(one, other)]
      const costs = [priceOf(price, short, '1280x720'), priceOf(price, long, '1280x720')] as const
      return costs.every(Number.isInteger) && costs[0] <= costs[1]
    }),
  )
})

t.test('money is written with cents, and with more only where that says something', async (t) => {
  const rows: Array<[number, string]> = [
    [0, '$0.00'],
    [120_000, '$0.12'],
    [1_000_000, '$1.00'],
    [125_000, '$0.125'],
    [1_200_000, '$1.20'],
    [1, '$0.000001'],
    [2_500_000_000, '$2500.00'],
  ]
  for (const [micros, text] of rows) t.equal(formatUsd(micros), text)
})
