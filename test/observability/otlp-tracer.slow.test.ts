import t from 'tap'
import type { Test } from 'tap'
import type { TraceContext } from '../../src/gateway/domain/observability/trace.ts'
import type { Logger } from '../../src/gateway/ports/logger.ts'
import type { EndedSpan, Tracer } from '../../src/gateway/ports/tracer.ts'
import { createOtlpTracer } from '../../src/gateway/observability/traces/otlp-tracer.ts'
import type { TracerSettings } from '../../src/gateway/observability/traces/otlp-tracer.ts'
import { startCollector } from '../fixtures/trace-collector.ts'

const day = 24 * 3600_000
const isKept = ({ traceparent }: TraceContext) => traceparent.endsWith('-01')

async function start(t: Test, settings: Partial<TracerSettings> = {}) {
  const collector = await startCollector(t)
  const lines: Array<{ level: string; fields: object; message: string }> = []
  const write =
    (level: string): Logger['info'] =>
    (fields, message) =>
      void lines.push({ level, fields, message })
  const logger = { debug: write('debug'), info: write('info'), warn: write('warn'), error: write('error') }
  const open = (): Tracer => {
    const tracer = createOtlpTracer(
      {
        url: `${collector.url}/v1/traces`,
        headers: {},
        serviceName: 'understudy',
        serviceVersion: '0.0.0',
        sampleRatio: 1,
        honorsCallers: true,
        timeoutMs: 300,
        mostQueued: 2048,
        ...settings,
      },
      { logger },
    )
    t.teardown(() => tracer.close())
    return tracer
  }
  return { collector, lines, open }
}

function spanOf(tracer: Tracer, name: string): EndedSpan {
  const now = Date.now()
  return {
    ...tracer.start(null),
    name,
    kind: 'internal',
    from: now,
    to: now,
    attributes: {},
    error: null,
  }
}

t.test('spans beyond the queue are dropped and counted, and the log says so once', async (t) => {
  const { collector, lines, open } = await start(t, { mostQueued: 10 })
  const tracer = open()
  collector.respond = () => null
  for (let count = 0; count < 25; count++) tracer.record(spanOf(tracer, `span ${count}`))
  t.equal(tracer.dropped(), 15)
  await tracer.close()
  t.equal(tracer.dropped(), 25, 'and those that the collector never took')
  t.same(
    lines.map(({ level, fields }) => [level, fields]),
    [['warn', { dropped: 1, reason: 'queue_full' }]],
  )
})

t.test('closing waits for a collector that hangs no longer than two seconds', async (t) => {
  const { collector, open } = await start(t, { timeoutMs: 60_000 })
  const tracer = open()
  collector.respond = () => null
  tracer.record(spanOf(tracer, 'late'))
  const from = performance.now()
  await tracer.close()
  const took = performance.now() - from
  t.ok(took >= 1900 && took < 10_000, `${took} ms`)
  t.equal(tracer.dropped(), 1)
})

t.test('closing exports what is queued', async (t) => {
  const { collector, open } = await start(t, { timeoutMs: 10_000 })
  const tracer = open()
  for (let count = 0; count < 1500; count++) tracer.record(spanOf(tracer, `span ${count}`))
  await tracer.close()
  t.equal(collector.spans.length, 1500)
  t.equal(tracer.dropped(), 0)
})

t.test('a collector that is overloaded for a moment gets the same spans again', async (t) => {
  const { collector, open } = await start(t, { timeoutMs: 10_000 })
  const tracer = open()
  let answers = 0
  collector.respond = () => (answers++ === 0 ? 503 : 200)
  tracer.record(spanOf(tracer, 'patient'))
  await collector.span(({ name }) => name === 'patient')
  t.equal(tracer.dropped(), 0)
})

t.test('what has a name in a trace has the same place in another process', async (t) => {
  const { open } = await start(t)
  const [one, other] = [open(), open()]
  const { context } = one.start(null)
  t.same(one.named(context, 'att_1'), other.named(context, 'att_1'))
  t.notSame(one.named(context, 'att_1'), one.named(context, 'att_2'))
  t.notSame(one.named(context, 'att_1'), one.named(one.start(context).context, 'att_1'))
})

t.test('a span that began before the process has its own times', async (t) => {
  const { collector, open } = await start(t, { timeoutMs: 10_000 })
  const tracer = open()
  const to = Date.now()
  tracer.record({ ...spanOf(tracer, 'long'), from: to - day, to })
  const long = await collector.span(({ name }) => name === 'long')
  t.equal(long.startTimeUnixNano, to - day)
  t.equal(long.endTimeUnixNano, to)
})

t.test('the sampled share of new traces is near the ratio, and children go with their parents', async (t) => {
  const { open } = await start(t, { sampleRatio: 0.25 })
  const tracer = open()
  const roots = Array.from({ length: 4000 }, () => tracer.start(null).context)
  const kept = roots.filter(isKept).length
  t.ok(kept > 800 && kept < 1200, `${kept} of 4000`)
  for (const root of roots) {
    if (isKept(tracer.start(root).context) !== isKept(root)) t.fail('a child differs from its parent')
  }
})

t.test('headers that are no trace context are ignored', async (t) => {
  const { open } = await start(t)
  const tracer = open()
  const traceparent = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01'
  const malformed = [
    undefined,
    '',
    'x'.repeat(10_000),
    traceparent.toUpperCase(),
    traceparent.replace('00-4', 'ff-4'),
    `${traceparent}-00`,
    traceparent.replace('00f067aa0ba902b7', '0'.repeat(16)),
    [traceparent, traceparent],
  ]
  for (const value of malformed) t.equal(tracer.read({ traceparent: value }), null)
  t.same(tracer.read({ traceparent }), { traceparent, tracestate: null })
  t.same(tracer.read({ traceparent, tracestate: 'a=1,b=2' }), { traceparent, tracestate: 'a=1,b=2' })
  t.same(tracer.read({ traceparent, tracestate: '\u0000;;' }), { traceparent, tracestate: null })
  t.same(tracer.read({ traceparent, tracestate: `a=${'x'.repeat(600)}` }), { traceparent, tracestate: null })
})

t.test('requests name a trace only while they are sent for it', async (t) => {
  const { open } = await start(t)
  const tracer = open()
  const { context } = tracer.start(null)
  t.same(tracer.outgoingHeaders(), {})
  const within = await tracer.sending(context, async () => {
    await new Promise((resolve) => setImmediate(resolve))
    return tracer.outgoingHeaders()
  })
  t.same(within, { traceparent: context.traceparent })
  t.same(
    tracer.within(context, () => tracer.outgoingHeaders()),
    {},
  )
  t.same(
    tracer.within(context, () => tracer.current()),
    context,
  )
  t.equal(tracer.current(), undefined)
})
