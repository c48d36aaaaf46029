import { setTimeout as pause } from 'node:timers/promises'
import t from 'tap'
import type { Test } from 'tap'
import { startCollector } from '../fixtures/trace-collector.ts'
import type { CollectedSpan, TraceCollector } from '../fixtures/trace-collector.ts'
import { startVendorProxy } from '../fixtures/vendor-proxy.ts'
import { textOf } from '../docs/files.ts'
import { keys, official, startGateway } from './gateway.ts'
import type { Gateway } from './gateway.ts'
import { startReceiver } from './receiver.ts'

const server = 2
const failed = 2

async function start(t: Test, traces: object = {}, settings: Record<string, object> = {}) {
  const collector = await startCollector(t)
  const lines: string[] = []
  const gateway = await startGateway(t, {
    traces: { endpoint: collector.url, ...traces },
    settings,
    onLine: (line) => lines.push(line),
  })
  return { collector, gateway, lines }
}

const traceId = '4bf92f3577b34da6a3ce929d0e0e4736'
const parentId = '00f067aa0ba902b7'
const sampled = `00-${traceId}-${parentId}-01`
const body = { prompt: 'a lighthouse of glass', duration: 5 }

/** What every span of a trace is called, with the names of those above it, from the root on; sorted. */
function paths(spans: readonly CollectedSpan[], trace: string): string[] {
  const own = spans.filter((span) => span.traceId === trace)
  const byId = new Map(own.map((span) => [span.spanId, span]))
  const pathOf = (span: CollectedSpan): string => {
    const above = span.parentSpanId === undefined ? null : byId.get(span.parentSpanId)
    if (above === undefined) return `missing > ${span.name}`
    return above === null ? span.name : `${pathOf(above)} > ${span.name}`
  }
  return own.map(pathOf).toSorted()
}

/** The trace of one generation, once everything of it has come: the last span is that of its webhook. */
async function storyOf(
  t: Test,
  { gateway, collector }: { gateway: Gateway; collector: TraceCollector },
  id: string,
): Promise<string[]> {
  await gateway.advance(0)
  const sent = await collector.span(({ name }) => name.startsWith('webhook'))
  const { traceId } = await collector.span(
    ({ name, attributes }) => name === 'generation' && attributes['understudy.generation.id'] === id,
  )
  t.equal(sent.traceId, traceId)
  return paths(collector.spans, traceId)
}

/** A busy machine sheds load, and the call is repeated. */
const isAccepted = ({ name, attributes }: CollectedSpan) =>
  name === 'POST /generate' && attributes['http.response.status_code'] === 202
const named = (name: string) => (span: CollectedSpan) => span.name === name

t.test(
  'a request, its generation and its attempts are one trace, below the span of the caller',
  async (t) => {
    const { collector, gateway } = await start(t, {
      headers: { Authorization: 'Bearer collector-key-0001' },
      service_name: 'studio-gateway',
    })
    gateway.simulator.control.setFaults('reseller', [{ kind: 'fails_late' }])
    const ended = await gateway.generate(body, { traceparent: sampled, tracestate: 'vendor=1' })
    t.equal(ended.status, 'completed')
    const generation = await collector.span(named('generation'))
    const request = await collector.span(isAccepted)
    const [first, second] = [
      await collector.span(named('attempt reseller')),
      await collector.span(named('attempt official')),
    ]
    t.equal(request.traceId, traceId)
    t.equal(request.parentSpanId, parentId)
    t.equal(request.kind, server)
    t.match(request.attributes, {
      'http.request.method': 'POST',
      'http.route': '/generate',
      'http.response.status_code': 202,
    })
    t.equal(generation.traceId, traceId)
    t.equal(generation.traceState, 'vendor=1')
    t.equal(generation.parentSpanId, request.spanId)
    t.match(generation.attributes, {
      'understudy.generation.id': ended.id,
      'understudy.tenant': 'studio',
      'understudy.attempts': 2,
      'understudy.cost_usd': ended.cost_usd,
      'gen_ai.output.type': 'video',
      'gen_ai.request.model': 'sora-2',
    })
    t.equal(generation.startTimeUnixNano, Date.parse(ended.created_at))
    t.equal(generation.endTimeUnixNano, Date.parse(ended.completed_at))
    for (const [index, attempt] of [first, second].entries()) {
      t.equal(attempt.traceId, traceId)
      t.equal(attempt.parentSpanId, generation.spanId)
      t.equal(attempt.attributes['understudy.attempt.id'], ended.attempts[index].id)
    }
    t.equal(first.status.code, failed)
    t.equal(first.attributes['error.type'], 'job_failed')
    t.equal(second.status.code, 0)
    t.equal(collector.paths[0], '/v1/traces')
    t.equal(collector.headers[0]?.authorization, 'Bearer collector-key-0001')
    t.match(collector.resource, { 'service.name': 'studio-gateway' })
  },
)

t.test('a malformed traceparent is ignored, and the request begins a trace of its own', async (t) => {
  const { collector, gateway } = await start(t)
  for (const traceparent of ['00-xyz', `${sampled}-more`, `00-${'0'.repeat(32)}-${parentId}-01`]) {
    const { status } = await gateway.call('POST', '/generate', body, { traceparent })
    t.equal(status, 202)
  }
  const requests = await collector.span(() => collector.spans.filter(isAccepted).length === 3)
  t.equal(requests.parentSpanId, undefined)
  t.notOk(collector.spans.some((span) => span.traceId === traceId || span.parentSpanId === parentId))
})

t.test('a caller that keeps no trace is honoured, or not, as the configuration says', async (t) => {
  const unsampled = `00-${traceId}-${parentId}-00`
  for (const [caller_sampling, kept] of [
    ['honor', false],
    ['ignore', true],
  ] as const) {
    const { collector, gateway } = await start(t, { caller_sampling })
    await gateway.generate(body, { traceparent: unsampled })
    await gateway.call('GET', '/keys/me')
    await collector.span(named('GET /keys/me'))
    t.equal(
      collector.spans.some((span) => span.traceId === traceId),
      kept,
      caller_sampling,
    )
  }
})

t.test('nothing is exported of a trace that the ratio leaves out', async (t) => {
  const { collector, gateway } = await start(t, { sample_ratio: 0 })
  await gateway.generate(body)
  await gateway.generate(body, { traceparent: sampled })
  await collector.span(named('generation'))
  t.ok(collector.spans.every((span) => span.traceId === traceId))
})

const inGeneration = 'POST /generate > generation'
const story = [
  'POST /generate',
  inGeneration,
  `${inGeneration} > attempt official`,
  `${inGeneration} > attempt official > archive`,
  `${inGeneration} > attempt official > download`,
  `${inGeneration} > attempt official > generate_content sora-2`,
  `${inGeneration} > attempt official > poll`,
  `${inGeneration} > attempt official > poll`,
  `${inGeneration} > attempt reseller`,
  `${inGeneration} > attempt reseller > generate_content sora-2`,
  `${inGeneration} > attempt reseller > poll`,
  `${inGeneration} > attempt reseller > poll`,
  `${inGeneration} > webhook generation.completed`,
]

t.test('every call of a generation that fell back has a span with the right parent', async (t) => {
  const { collector, gateway } = await start(t)
  const receiver = await startReceiver(t)
  await gateway.call('POST', '/webhook-secrets', {})
  gateway.simulator.control.setFaults('reseller', [{ kind: 'fails_late' }])
  const ended = await gateway.generate({ ...body, webhook_url: receiver.url })
  t.equal(ended.status, 'completed')
  t.same(await storyOf(t, { gateway, collector }, ended.id), story)

  const [failedAttempt, attempt] = ended.attempts
  const own = ({ attributes }: CollectedSpan) => attributes['understudy.attempt.id'] === attempt.id
  const spans = collector.spans.filter(own)
  const create = spans.find(named('generate_content sora-2'))
  t.match(create, {
    kind: 3,
    attributes: {
      'gen_ai.operation.name': 'generate_content',
      'gen_ai.provider.name': 'openai-videos',
      'gen_ai.request.model': 'sora-2',
      'gen_ai.output.type': 'video',
      'gen_ai.response.id': attempt.upstream_id,
      'understudy.create.outcome': 'accepted',
      'http.request.method': 'POST',
      'http.response.status_code': 200,
    },
  })
  const polls = spans.filter(named('poll'))
  t.same(
    polls.map(({ attributes }) => attributes['understudy.job.report']),
    ['running', 'completed'],
  )
  for (const { links } of polls)
    t.same(
      links.map(({ spanId }) => spanId),
      [create?.spanId],
      'a poll is linked to the create',
    )
  t.match(spans.find(named('archive')), { attributes: { 'understudy.bytes': ended.video.bytes } })
  t.match(spans.find(named('download')), { attributes: { 'understudy.bytes': ended.video.bytes } })
  const last = collector.spans.findLast(
    ({ name, attributes }) => name === 'poll' && attributes['understudy.attempt.id'] === failedAttempt.id,
  )
  t.equal(last?.attributes['understudy.job.report'], 'failed')
  const page = textOf('docs/TRACES.md')
  const attributes = new Set(collector.spans.flatMap((span) => Object.keys(span.attributes)))
  t.ok(attributes.size > 20)
  t.same(
    [...attributes].filter((name) => !page.includes(`\`${name}\``)),
    [],
    'every attribute is documented',
  )
  const ids = collector.spans.map(({ spanId }) => spanId)
  t.equal(new Set(ids).size, ids.length, 'no span is exported twice')
  for (const span of spans) {
    t.ok(span.startTimeUnixNano >= Date.parse(attempt.started_at), `${span.name} starts within its attempt`)
    t.ok(span.endTimeUnixNano <= Date.parse(attempt.ended_at), `${span.name} ends within its attempt`)
  }
})

t.test('a trace goes on where it was after a restart in the middle of it', async (t) => {
  const { collector, gateway } = await start(t)
  const receiver = await startReceiver(t)
  await gateway.call('POST', '/webhook-secrets', {})
  gateway.simulator.control.setFaults('reseller', [{ kind: 'fails_late' }])
  const accepted = await gateway.call('POST', '/generate', { ...body, webhook_url: receiver.url })
  await gateway.advance(1000)
  await gateway.restart(1000)
  t.notOk(collector.spans.some(named('attempt reseller')), 'the first attempt is under way')
  t.ok(collector.spans.some(named('generate_content sora-2')), 'and what has ended was exported')
  const seen = () => collector.spans.some(named('attempt reseller'))
  for (let step = 0; step < 100 && !seen(); step++) {
    await gateway.advance(1000)
    const { body: now } = await gateway.call('GET', `/generations/${accepted.body.id}`)
    if (now.attempts.length === 2) break
  }
  await gateway.restart(1000)
  const ended = await gateway.finished(accepted.body.id)
  t.equal(ended.status, 'completed')
  const told = await storyOf(t, { gateway, collector }, ended.id)
  t.same([...new Set(told)], [...new Set(story)])
  const create = collector.spans.find(
    ({ name, attributes }) =>
      name === 'generate_content sora-2' && attributes['understudy.attempt.id'] === ended.attempts[0].id,
  )
  const polls = collector.spans.filter(
    ({ name, attributes }) => name === 'poll' && attributes['understudy.attempt.id'] === ended.attempts[0].id,
  )
  t.ok(polls.length > 0)
  for (const { links } of polls) t.equal(links[0]?.spanId, create?.spanId, 'linked to the create before it')
})

t.test(
  'webhooks and creates name the trace to who is configured to be told, and to nobody else',
  async (t) => {
    const vendor = await startVendorProxy(t)
    const collector = await startCollector(t)
    const receiver = await startReceiver(t)
    for (const [told, traces] of [
      [true, { propagate_to_upstreams: ['first'] }],
      [false, { propagate_to_webhooks: false }],
    ] as const) {
      const gateway = await startGateway(t, {
        upstreams: [{ ...official, id: 'first' }],
        settings: { first: { base_url: vendor.url } },
        traces: { endpoint: collector.url, ...traces },
      })
      vendor.forwardTo(gateway.simulator.baseUrl('first'))
      vendor.calls.splice(0)
      receiver.messages.splice(0)
      await gateway.call('POST', '/webhook-secrets', {})
      const headers = { traceparent: sampled, tracestate: 'vendor=1' }
      await gateway.generate({ ...body, duration: 4, webhook_url: receiver.url }, headers)
      await gateway.advance(0)
      const creates = vendor.calls.filter(({ method }) => method === 'POST')
      const others = vendor.calls.filter(({ method }) => method !== 'POST')
      t.equal(creates.length, 1)
      t.ok(others.length > 0)
      t.ok(others.every(({ headers: sent }) => sent['traceparent'] === undefined))
      const [message] = receiver.messages
      if (!told) {
        t.equal(creates[0]?.headers['traceparent'], undefined)
        t.equal(message?.headers['traceparent'], undefined)
        continue
      }
      const create = await collector.span(named('generate_content sora-2'))
      const webhook = await collector.span(named('webhook generation.completed'))
      t.equal(creates[0]?.headers['traceparent'], `00-${traceId}-${create.spanId}-01`)
      t.equal(creates[0]?.headers['tracestate'], 'vendor=1')
      t.equal(message?.headers['traceparent'], `00-${traceId}-${webhook.spanId}-01`)
      t.match(webhook.attributes, { 'http.response.status_code': 204, 'server.address': '127.0.0.1' })
    }
  },
)

t.test('what is exported has no prompt, no key, no message of a vendor and no path', async (t) => {
  const vendor = await startVendorProxy(t)
  const { collector, gateway } = await start(t, {}, { official: { base_url: vendor.url } })
  vendor.forwardTo(gateway.simulator.baseUrl('official'))
  // It repeats what it was sent in place of the name of its model.
  vendor.answerWith(({ headers }, answer) => {
    const heard = { model: `${headers.authorization} ${body.prompt}` }
    return { ...answer, body: JSON.stringify({ ...JSON.parse(answer.body), ...heard }) }
  })
  const receiver = await startReceiver(t)
  await gateway.call('POST', '/webhook-secrets', {})
  gateway.simulator.control.setFaults('reseller', [{ kind: 'fails_late' }])
  const webhook_url = `${receiver.url}/hook-5f3b1c7e?token=canary-91c2`
  const ended = await gateway.generate({ ...body, webhook_url })
  await gateway.call('GET', '/media/token-77aa')
  await gateway.call('GET', `/generations/${ended.id}?wait=0&canary=token-77aa`)
  await gateway.call('GET', '/nowhere/token-77aa')
  await storyOf(t, { gateway, collector }, ended.id)
  const exported = collector.texts.join()
  const secrets = [
    ...Object.values(keys),
    body.prompt,
    'lighthouse',
    'reseller-key-0001',
    'official-key-0001',
    'hook-5f3b1c7e',
    'canary-91c2',
    'token-77aa',
    ended.attempts[0].failure.message,
  ]
  for (const secret of secrets) t.notOk(exported.includes(secret), secret)
})

t.test('a collector that fails costs spans and nothing else, and the log says so once', async (t) => {
  const { collector, gateway, lines } = await start(t, { timeout_seconds: 1 })
  const told = (text: string) => lines.filter((line) => line.includes(text))
  /** Each call is a span, so that there is always something to export. */
  const until = async (isSo: () => boolean) => {
    for (let tries = 0; tries < 300 && !isSo(); tries++) {
      await gateway.call('GET', '/keys/me')
      await pause(100)
    }
    t.ok(isSo())
  }
  collector.respond = () => 400
  t.equal((await gateway.generate(body)).status, 'completed')
  await until(() => told('dropping spans').length > 0)
  t.match(JSON.parse(told('dropping spans')[0] ?? ''), { level: 40, reason: 'status 400' })
  collector.respond = () => null
  const before = collector.texts.length
  t.equal((await gateway.generate(body)).status, 'completed')
  // A batch leaves once the one before it has failed.
  await until(() => collector.texts.length > before + 1)
  t.equal(told('dropping spans').length, 1)
  collector.respond = () => 200
  await until(() => told('takes spans again').length > 0)
  t.ok(JSON.parse(told('takes spans again')[0] ?? '').dropped > 1)
})
