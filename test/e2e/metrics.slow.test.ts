import t from 'tap'
import { seriesOf } from './metrics-page.ts'
import type { Series } from './metrics-page.ts'
import { keys, reverse, startGateway } from './gateway.ts'
import type { Gateway } from './gateway.ts'

const observer = { authorization: `Bearer ${keys.other}` }
const on = { metrics: { enabled: true }, keys: { other: { scopes: ['observe'] } } }
const scene = { prompt: 'a paper boat', duration: 5 }

async function scrape(gateway: Gateway): Promise<Series> {
  // Figures of the database are kept for ten seconds.
  await gateway.advance(10_000)
  const { status, body } = await gateway.call('GET', '/metrics', undefined, observer)
  if (status !== 200) throw new Error(`${status} ${JSON.stringify(body)}`)
  return seriesOf(String(body))
}

const open = (series: Series, state: string) => series.get(`understudy_generations_open{state="${state}"}`)

t.test('metrics are off unless they are configured, and only the scope observe sees them', async (t) => {
  const off = await startGateway(t, { keys: on.keys })
  const answer = await off.call('GET', '/metrics', undefined, observer)
  t.match(answer, { status: 404, body: { code: 'not_found', detail: /metrics\.enabled/ } })
  const gateway = await startGateway(t, on)
  const { status, headers, body } = await gateway.call('GET', '/metrics', undefined, observer)
  t.equal(status, 200)
  t.equal(headers.get('content-type'), 'text/plain; version=0.0.4; charset=utf-8')
  t.match(String(body), /^understudy_build_info\{version="[\d.]+"\} 1$/m)
  t.equal((await gateway.call('GET', '/metrics')).status, 403, 'not for a key that generates')
  t.equal((await gateway.call('GET', '/metrics', undefined, { authorization: '' })).status, 401)
})

t.test('with metrics.listen they are served without a key, on an address of their own', async (t) => {
  const lines: string[] = []
  const gateway = await startGateway(t, {
    metrics: { listen: 0 },
    onLine: (line) => lines.push(line),
  })
  const { address } = JSON.parse(lines.find((line) => line.includes('metrics are served')) ?? '{}')
  t.match(address, /^http:\/\/127\.0\.0\.1:\d+\/metrics$/)
  t.not(new URL(address).host, new URL(gateway.address).host)
  const response = await fetch(address)
  t.equal(response.status, 200)
  t.equal(response.headers.get('content-type'), 'text/plain; version=0.0.4; charset=utf-8')
  t.ok(seriesOf(await response.text()).has('understudy_generations_accepted_total'))
  t.equal((await fetch(new URL('/generations', address))).status, 404, 'and nothing else is')
})

t.test('what is not stored is not counted, and what is stored is counted once', async (t) => {
  let isFull = true
  const gateway = await startGateway(t, {
    ...on,
    wrap: {
      store: (store) => ({
        ...store,
        insert: (generation, terms) =>
          isFull ? Promise.reject(new Error('disk full')) : store.insert(generation, terms),
      }),
    },
  })
  t.ok((await gateway.call('POST', '/generate', scene)).status >= 500)
  t.equal((await scrape(gateway)).get('understudy_generations_accepted_total'), 0)
  isFull = false
  const repeated = { 'idempotency-key': 'boat-1' }
  for (const status of [202, 202]) {
    t.equal((await gateway.call('POST', '/generate', scene, repeated)).status, status)
  }
  const series = await scrape(gateway)
  t.equal(series.get('understudy_generations_accepted_total'), 1)
})

t.test('what is open is counted by status, with the age of the oldest', async (t) => {
  const gateway = await startGateway(t, { ...on, upstreams: [{ ...reverse, render: { polls: 1000 } }] })
  const idle = await scrape(gateway)
  t.equal(open(idle, 'queued'), 0)
  t.equal(open(idle, 'in_progress'), 0)
  for (const _ of [1, 2]) await gateway.call('POST', '/generate', scene)
  const series = await scrape(gateway)
  t.equal(open(series, 'queued'), 0)
  t.equal(open(series, 'in_progress'), 2)
  t.equal(series.get('understudy_generations_oldest_age_seconds{state="queued"}'), 0)
  t.equal(series.get('understudy_generations_oldest_age_seconds{state="in_progress"}'), 10)
  t.equal(series.get('understudy_reserved_cost_usd'), 0.24)
})

t.test('requests are timed by the pattern of their route, and polls from when they were due', async (t) => {
  const gateway = await startGateway(t, on)
  const { id } = (await gateway.call('POST', '/generate', scene)).body
  await gateway.advance(0)
  await gateway.call('GET', `/generations/${id}`)
  await gateway.call('GET', '/generations/gen_00000000000000000000000000')
  await gateway.call('GET', '/nowhere/gen_1')
  await gateway.advance(60_000)
  const series = await scrape(gateway)
  const requests = (labels: string) => series.get(`understudy_http_request_duration_seconds_count{${labels}}`)
  t.equal(requests('route="/generate",method="POST",status="2xx"'), 1)
  t.equal(requests('route="/generations/:id",method="GET",status="2xx"'), 1)
  t.equal(requests('route="/generations/:id",method="GET",status="4xx"'), 1)
  t.equal(requests('route="other",method="GET",status="4xx"'), 1)
  t.ok((series.get('understudy_poll_lag_seconds_count') ?? 0) >= 1)
  t.ok((series.get('understudy_poll_lag_seconds_sum') ?? 0) > 30, 'the clock went a minute ahead')
})
