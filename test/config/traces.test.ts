import { inspect } from 'node:util'
import t from 'tap'
import { inForce, reload } from '../../src/gateway/wiring/reload.ts'
import { accepted, base, changed, report } from './base.ts'

const withTraces = (traces: string) =>
  changed('server: { port: 8787 }', `server: { port: 8787 }\ntraces: ${traces}`)

t.test('traces are off unless they are configured', async (t) => {
  t.equal(accepted(base).config.traces, null)
})

t.test('an endpoint is all that traces need', async (t) => {
  const { config, secrets } = accepted(withTraces('{ endpoint: "http://collector:4318/" }'))
  t.same(config.traces, {
    url: 'http://collector:4318/v1/traces',
    serviceName: 'understudy',
    sampleRatio: 1,
    callerSampling: 'honor',
    timeoutMs: 10_000,
    mostQueued: 2048,
    toWebhooks: true,
    toUpstreams: [],
  })
  t.same(secrets.traceHeaders, {})
})

t.test('headers for the collector are secrets', async (t) => {
  const { config, secrets } = accepted(
    withTraces('{ endpoint: "https://collector", headers: { Authorization: "${COLLECTOR}" } }'),
    { COLLECTOR: 'Bearer collector-key-0001' },
  )
  t.same(secrets.traceHeaders, { Authorization: 'Bearer collector-key-0001' })
  t.notMatch(inspect(config, { depth: 20 }), 'collector-key-0001')
})

t.test('what is wrong with traces is said where it is', async (t) => {
  const said = report(
    withTraces(
      '{ endpoint: collector, headers: { Host: x }, sample_ratio: 2, service_nam: studio, propagate_to_upstreams: [alpa] }',
    ),
  )
  t.equal(
    said,
    [
      'understudy.yaml:2:21 traces.endpoint: should be a URL that starts with http:// or https://',
      'understudy.yaml:2:49 traces.headers.Host: is not an allowed name',
      'understudy.yaml:2:68 traces.sample_ratio: should be at most 1',
      'understudy.yaml:2:71 traces.service_nam: unknown key `service_nam`; did you mean `service_name`?',
    ].join('\n'),
  )
  t.equal(
    report(withTraces('{ endpoint: "http://collector:4318", propagate_to_upstreams: [alpa] }')),
    'understudy.yaml:2:71 traces.propagate_to_upstreams[0]: no upstream has this id; did you mean `alpha`?',
  )
})

t.test('a reload does not change where traces go, nor with which headers', async (t) => {
  const parts = {
    directory: {
      reload: () => t.fail('nothing is reloaded'),
    },
    accounts: { reload: () => t.fail('nothing is reloaded') },
    clock: { now: () => 0 },
  }
  const state = inForce(accepted(withTraces('{ endpoint: "http://collector:4318", headers: { A: one } }')), 0)
  for (const [traces, problem] of [
    ['{ endpoint: "http://other:4318", headers: { A: one } }', 'traces'],
    ['{ endpoint: "http://collector:4318", headers: { A: two } }', 'traces.headers'],
  ] as const) {
    t.same(reload(state, accepted(withTraces(traces)), parts), {
      type: 'refused',
      problems: [`${problem}: a change here needs a restart`],
    })
  }
})
