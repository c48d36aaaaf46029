import t from 'tap'
import { reverse, startGateway } from './gateway.ts'

const gateway = await startGateway(t, {
  patient: true,
  upstreams: [{ ...reverse, id: 'narrow', render: { polls: 5 } }],
  settings: { narrow: { limits: { max_in_flight: 1 } } },
})

async function accept(deadlineSeconds = 3600) {
  const routing = { deadline_seconds: deadlineSeconds }
  const { status, body } = await gateway.call('POST', '/generate', { prompt: 'a paper boat', routing })
  if (status !== 202) throw new Error(JSON.stringify(body))
  return body
}

async function see(id: string) {
  return (await gateway.call('GET', `/generations/${id}`)).body
}

t.test('what waits in the queue says when it is expected to start', async (t) => {
  const first = await accept()
  await gateway.advance(0)
  t.equal((await see(first.id)).estimated_start, null, 'it was sent')
  const early = await accept()
  // Several nodes count the slots of an upstream once a second.
  await gateway.advance(1000)
  t.equal((await see(early.id)).estimated_start, null, 'no job has ended yet')
  t.match(await gateway.finished(first.id), { status: 'completed', estimated_start: null })
  t.match(await gateway.finished(early.id), { status: 'completed' })
  // Figures of the upstreams are at most 10 s old.
  await gateway.advance(11_000)

  const running = await accept()
  await gateway.advance(0)
  await gateway.advance(1000)
  const [second, third] = [await accept(), await accept(10)]
  await gateway.advance(1000)
  const [next, afterNext] = [await see(second.id), await see(third.id)]
  const inMs = ({ estimated_start: at }: { estimated_start: string }) => Date.parse(at) - gateway.now()
  t.equal(next.status, 'queued')
  t.ok(inMs(next) > 1000, `${inMs(next)} ms`)
  t.ok(Math.abs(inMs(afterNext) - 2 * inMs(next)) <= 2, 'one more before it: twice as long')
  t.same(next.warnings, [])
  t.match(afterNext.warnings, [{ code: 'start_after_deadline' }])

  const fourth = await accept(10)
  t.ok(inMs(fourth) > inMs(afterNext), 'the answer of POST says it, too')
  t.match(fourth.warnings, [{ code: 'start_after_deadline' }])
  t.match(await gateway.finished(running.id), { status: 'completed' })
  t.match(await gateway.finished(third.id), { warnings: [], estimated_start: null })
})
