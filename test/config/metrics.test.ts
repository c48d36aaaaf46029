import t from 'tap'
import { accepted, base, changed, report } from './base.ts'

const withMetrics = (metrics: string) =>
  changed('server: { port: 8787 }', `server: { port: 8787 }\nmetrics: ${metrics}`)
const metricsOf = (metrics: string) => accepted(withMetrics(metrics)).config.metrics

t.test('metrics are off unless they are configured', async (t) => {
  t.equal(accepted(base).config.metrics, null)
  t.equal(metricsOf('{ enabled: false, listen: 9464 }'), null)
  t.same(metricsOf('{ enabled: true }'), { listen: null }, 'for keys alone')
})

t.test('a port alone is one of loopback', async (t) => {
  t.same(metricsOf('{ listen: 9464 }'), { listen: { host: '127.0.0.1', port: 9464 } })
  t.same(metricsOf('{ listen: "0" }'), { listen: { host: '127.0.0.1', port: 0 } })
  t.same(metricsOf('{ listen: "10.0.0.5:9464" }'), { listen: { host: '10.0.0.5', port: 9464 } })
  t.same(metricsOf('{ listen: "[::1]:9464" }'), { listen: { host: '::1', port: 9464 } })
})

t.test('what is wrong with metrics is said where it is', async (t) => {
  const wrong = 'should be a port, or an IP address and a port such as 127.0.0.1:9464'
  for (const listen of ['localhost:9464', '300.0.0.1:9464', '10.0.0.5', ':9464', '10.0.0.5:70000', '[::g]:1'])
    t.equal(report(withMetrics(`{ listen: "${listen}" }`)), `understudy.yaml:2:20 metrics.listen: ${wrong}`)
  t.equal(
    report(withMetrics('{ listn: 9464 }')),
    'understudy.yaml:2:12 metrics.listn: unknown key `listn`; did you mean `listen`?',
  )
})
