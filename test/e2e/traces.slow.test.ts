import t from 'tap'
import type { Test } from 'tap'
import { startCollector } from '../fixtures/trace-collector.ts'
import type { CollectedSpan } from '../fixtures/trace-collector.ts'
import { startGateway } from './gateway.ts'

const server = 2
const failed = 2

async function start(t: Test, traces: object = {}) {
  const collector = await startCollector(t)
  const lines: string[] = []
  const gateway = await startGateway(t, {
    traces: { endpoint: collector.url, timeout_seconds: 1, ...traces },
    onLine: (line) => lines.push(line),
  })
  return { collector, gateway, lines }
}

const traceId = '4bf92f3577b34da6a3ce929d0e0e4736'
const parentId = '00f067aa0ba902b7'
const sampled = `00-${traceId}-${parentId}-01`
const body = { prompt: 'a lighthouse of glass', duration: 5 }

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
    const request = await collector.span(named('POST /generate'))
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
  const requests = await collector.span(() => collector.spans.filter(named('POST /generate')).length === 3)
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
