import t from 'tap'
import { createPrometheus } from '../../src/gateway/observability/metrics/prometheus.ts'
import { createScrape } from '../../src/gateway/services/observability/scrape.ts'
import type { GaugeSource } from '../../src/gateway/services/observability/scrape.ts'
import { createHeldClock } from '../fixtures/held-clock.ts'
import { seriesOf } from '../e2e/metrics-page.ts'

const reserved = 'understudy_reserved_cost_usd'
const size = 'understudy_database_size_bytes'

const silent = () => undefined

function stage(read: GaugeSource['read']) {
  const held = createHeldClock()
  const warnings: string[] = []
  const warn = (_fields: unknown, message?: string) => void warnings.push(message ?? '')
  const other: GaugeSource = {
    name: 'other',
    gauges: [size],
    read: async () => [{ name: size, labels: {}, value: 7 }],
  }
  const scrape = createScrape({
    metrics: createPrometheus({ version: '1.2.3', upstreams: [] }),
    sources: [{ name: 'one', gauges: [reserved], read }, other],
    clock: held.clock,
    logger: { debug: silent, info: silent, error: silent, warn },
  })
  return { held, warnings, series: async () => seriesOf((await scrape()).text) }
}

t.test(
  'figures are read once in ten seconds, however often and by however many they are asked for',
  async (t) => {
    let reads = 0
    const { held, series } = stage(async () => [{ name: reserved, labels: {}, value: ++reads }])
    const several = await Promise.all([series(), series(), series()])
    t.same(
      several.map((each) => each.get(reserved)),
      [1, 1, 1],
    )
    held.advance(9_999)
    t.equal((await series()).get(reserved), 1)
    held.advance(1)
    t.equal((await series()).get(reserved), 2)
    held.set(-3600_000)
    t.equal((await series()).get(reserved), 3, 'also after the clock was set back')
  },
)

t.test('figures that cannot be read are not shown, and the others are', async (t) => {
  let isBroken = true
  const { held, series, warnings } = stage(async () => {
    if (isBroken) throw new Error('database is locked')
    return [{ name: reserved, labels: {}, value: 1 }]
  })
  for (const _ of [1, 2, 3]) {
    const found = await series()
    t.notOk(found.has(reserved))
    t.equal(found.get(size), 7)
  }
  t.same(warnings, ['figures for metrics could not be read'], 'told once')
  isBroken = false
  held.advance(10_000)
  t.equal((await series()).get(reserved), 1)
})

t.test(
  'a read that hangs delays a scrape by a few seconds at most, and there is never a second one',
  async (t) => {
    let reads = 0
    const hanging = Promise.withResolvers<void>()
    const { series } = stage(async () => {
      reads += 1
      await hanging.promise
      return [{ name: reserved, labels: {}, value: 1 }]
    })
    const from = performance.now()
    const found = await Promise.all([series(), series()])
    t.ok(performance.now() - from < 9_000, 'Prometheus waits for ten seconds')
    for (const each of found) {
      t.notOk(each.has(reserved))
      t.equal(each.get(size), 7)
    }
    hanging.resolve()
    t.equal((await series()).get(reserved), 1, 'what was late serves the next who asks')
    t.equal(reads, 1)
  },
)
