import t from 'tap'
import { keys, startGateway } from './gateway.ts'
import type { Answer } from './gateway.ts'

const gateway = await startGateway(t)
const { control } = gateway.simulator
const authorization = `Bearer ${keys.studio}`
t.beforeEach(() => control.reset())

interface Event {
  id: string
  event: string
  data: any
}

/** The whole stream. It ends on its own, or the test times out. */
async function follow(path: string, headers: Record<string, string> = {}): Promise<Event[]> {
  const events: Event[] = []
  for await (const event of open(path, headers)) events.push(event)
  return events
}

/** Events as they arrive. Leaving the loop closes the connection. */
async function* open(path: string, headers: Record<string, string> = {}): AsyncGenerator<Event> {
  const response = await fetch(`${gateway.address}${path}`, { headers: { authorization, ...headers } })
  if (response.status !== 200 || response.body === null) throw new Error(`answered ${response.status}`)
  const body: AsyncIterable<Uint8Array> = response.body
  const decoder = new TextDecoder()
  let text = ''
  for await (const chunk of body) {
    text += decoder.decode(chunk, { stream: true })
    const frames = text.split('\n\n')
    text = frames.pop() ?? ''
    for (const frame of frames) {
      const event = parse(frame)
      if (event !== null) yield event
    }
  }
  if (text !== '') throw new Error('the stream ended within a frame')
}

function parse(frame: string): Event | null {
  const lines = frame.split('\n').filter((line) => !line.startsWith(':'))
  if (lines.length === 0) return null
  const field = (name: string) =>
    lines.find((line) => line.startsWith(`${name}: `))?.slice(name.length + 2) ?? ''
  return { id: field('id'), event: field('event'), data: JSON.parse(field('data')) }
}

async function accept(body: object = {}): Promise<string> {
  const accepted = await gateway.call('POST', '/generate', { prompt: 'a harbour', duration: 10, ...body })
  return accepted.body.id
}

/** What a caller with only these events knows about the generation. */
function replay(events: Event[]): object {
  const attempts = new Map<string, { upstream: string; state: string }>()
  const warnings: string[] = []
  let status = 'queued'
  let progress = 0
  for (const { event, data } of events) {
    const [subject, what = ''] = event.split('.')
    const attempt = attempts.get(data.attempt)
    if (event === 'generation.warning') warnings.push(data.code)
    else if (subject === 'generation') status = what
    else if (what === 'started') attempts.set(data.attempt, { upstream: data.upstream, state: 'binding' })
    else if (attempt === undefined) throw new Error(`${event} of an attempt that was never started`)
    else if (what !== 'progress') attempt.state = { accepted: 'running', rebinding: 'binding' }[what] ?? what
    if (what === 'started') status = 'in_progress'
    if (what === 'progress') progress = data.progress
    if (what === 'archiving') progress = 99
  }
  return {
    status,
    progress: status === 'completed' ? 100 : progress,
    attempts: [...attempts.values()],
    warnings,
  }
}

function shown({ status, progress, attempts, warnings }: Answer['body']): object {
  return {
    status,
    progress,
    attempts: attempts.map(({ upstream, state }: Record<string, string>) => ({ upstream, state })),
    warnings: warnings.map(({ code }: { code: string }) => code),
  }
}

t.test(
  'whatever polling showed was true after some event, and the last event makes its last state',
  async (t) => {
    control.setFaults('reseller', [{ kind: 'fails_late', times: 1 }])
    const id = await accept()
    const polled: object[] = []
    for (let isOver = false; !isOver && polled.length < 50; await gateway.advance(500)) {
      const { body } = await gateway.call('GET', `/generations/${id}`)
      polled.push(shown(body))
      isOver = body.status === 'completed'
    }

    const events = await follow(`/generations/${id}/events`)
    const told = events.map((_, index) => JSON.stringify(replay(events.slice(0, index + 1))))
    let at = 0
    for (const state of polled) {
      const found = told.indexOf(JSON.stringify(state), at)
      t.ok(found >= at, JSON.stringify(state))
      at = Math.max(at, found)
    }
    t.equal(told.at(-1), JSON.stringify(polled.at(-1)))
    for (const [index, { id: seq, event, data }] of events.entries()) {
      t.equal(seq, String(index + 1), 'numbered without a gap')
      t.match(data, { type: event, seq: index + 1, generation_id: id })
      t.notMatch(JSON.stringify(data), /a harbour|-key-/, event)
    }
  },
)

t.test('money in the history is in dollars, and adds up', async (t) => {
  control.setFaults('reseller', [{ kind: 'fails_late', times: 1 }])
  const generation = await gateway.generate({ prompt: 'a harbour', duration: 10 })
  const events = await follow(`/generations/${generation.id}/events`)
  t.notMatch(JSON.stringify(events), /micros/)
  const of = (name: string) => events.filter(({ event }) => event === name).map(({ data }) => data)
  t.match(of('attempt.started'), [
    { upstream: 'reseller', reserved_usd: 0.12 },
    { upstream: 'official', reserved_usd: 1.2 },
  ])
  t.match(of('attempt.failed'), [{ upstream: 'reseller', cost_usd: 0 }])
  t.match(of('attempt.succeeded'), [{ upstream: 'official', cost_usd: 1.2 }])
  t.match(of('generation.completed'), [{ cost_usd: generation.cost_usd }])
})

t.test('every kind of event that happens is in the OpenAPI document', async (t) => {
  const source = { video_url: `${gateway.simulator.origin}/clips/girl.mp4?seconds=2&size=320x240` }
  await gateway.call('POST', '/characters', { name: 'girl', ...source })
  control.setFaults('reseller', [{ kind: 'character_invalid', times: 1 }, { kind: 'fails_late' }])
  const { id } = await gateway.generate({ prompt: '@girl waves', duration: 10 })
  const happened = new Set((await follow(`/generations/${id}/events`)).map(({ event }) => event))
  t.ok(happened.has('attempt.rebinding'))
  const { body: document } = await gateway.call('GET', '/openapi.json')
  const named = new Set<string>(document.components.schemas.GenerationEvent.properties.type.enum)
  t.same([...happened.difference(named)], [])
})

for (const [ending, body] of [
  ['completed', {}],
  ['failed', { prompt: 'something forbidden' }],
  ['cancelled', {}],
] as const) {
  t.test(
    `a stream tells what happens while it happens, and ends when the generation is ${ending}`,
    async (t) => {
      const id = await accept(body)
      const seen: Event[] = []
      const stream = (async () => {
        for await (const event of open(`/generations/${id}/events`)) seen.push(event)
      })()
      await gateway.advance(0)
      if (ending === 'cancelled') await gateway.call('POST', `/generations/${id}/cancel`)
      else await gateway.finished(id)
      await stream
      t.equal(seen[0]?.event, 'generation.queued')
      t.equal(seen.findLast(({ event }) => event.startsWith('generation.'))?.event, `generation.${ending}`)
      const { body: generation } = await gateway.call('GET', `/generations/${id}`)
      t.equal(generation.status, ending)
      t.match(replay(seen), { status: ending })
      const ends = seen.filter(({ event }) => /^generation\.(completed|failed|cancelled)$/.test(event))
      t.equal(ends.length, 1)
      await gateway.finished(id)
    },
  )
}

t.test('whoever comes back with the last event id gets exactly the rest', async (t) => {
  control.setFaults('reseller', [{ kind: 'fails_late', times: 1 }])
  const { id } = await gateway.generate({ prompt: 'a harbour', duration: 10 })
  const path = `/generations/${id}/events`
  const whole = await follow(path)
  t.ok(whole.length > 8)
  for (const [index, { id: last }] of whole.entries()) {
    const rest = whole.slice(index + 1)
    t.same(await follow(path, { 'last-event-id': last }), rest, `after ${last}`)
    t.same(await follow(`${path}?after=${last}`), rest)
  }
  t.same(await follow(path, { 'last-event-id': '999' }), [], 'an end that is past is an end')
})

t.test('the list of a history is what its stream tells, also while it grows', async (t) => {
  const id = await accept()
  const path = `/generations/${id}/events`
  const list = async (query = '') => (await gateway.call('GET', `${path}?format=json${query}`)).body
  await gateway.advance(0)
  const begun = await list()
  t.equal(begun.data[0].type, 'generation.queued')
  t.equal(begun.has_more, false)
  await gateway.finished(id)
  const rest = await list(`&after=${begun.next_after}`)
  const told = (await follow(path)).map(({ data }) => data)
  t.same([...begun.data, ...rest.data], told)
  t.match(await list('&limit=2'), { data: told.slice(0, 2), has_more: true, next_after: 2 })
})

t.test('a caller who is cut off again and again misses nothing and hears nothing twice', async (t) => {
  const id = await accept()
  const heard: Event[] = []
  const isOver = () => heard.at(-1)?.event === 'generation.completed'
  for (let visits = 0; !isOver() && visits < 50; visits++) {
    const last = heard.at(-1)?.id
    const visit = open(`/generations/${id}/events`, last === undefined ? {} : { 'last-event-id': last })
    const [{ value }] = await Promise.all([visit.next(), gateway.advance(1000)])
    await visit.return(undefined)
    if (value !== undefined) heard.push(value)
  }
  t.same(heard, await follow(`/generations/${id}/events`))
})

t.test('a stream survives a restart of the gateway by its last event id', async (t) => {
  const id = await accept()
  await gateway.advance(0)
  const heard: Event[] = []
  for await (const event of open(`/generations/${id}/events`)) {
    heard.push(event)
    if (event.event === 'attempt.accepted') break
  }
  await gateway.restart()
  await gateway.finished(id)
  const path = `/generations/${id}/events`
  heard.push(...(await follow(path, { 'last-event-id': heard.at(-1)?.id ?? '' })))
  t.same(heard, await follow(path))
  t.equal(heard.at(-1)?.event, 'generation.completed')
})

t.test('?wait answers when the generation ends, or with what there is when the time is up', async (t) => {
  const id = await accept()
  const early = await gateway.call('GET', `/generations/${id}?wait=0.05`)
  t.match(early, { status: 200, body: { status: 'queued' } })
  const waiting = gateway.call('GET', `/generations/${id}?wait=60`)
  await gateway.finished(id)
  t.match(await waiting, { status: 200, body: { status: 'completed' } })
  t.match(await gateway.call('GET', `/generations/${id}?wait=60`), { body: { status: 'completed' } })

  const cancelled = await accept()
  const patient = gateway.call('GET', `/generations/${cancelled}?wait=60`)
  await gateway.call('POST', `/generations/${cancelled}/cancel`)
  t.match(await patient, { status: 200, body: { status: 'cancelled' } })
})
