import t from 'tap'
import type { Test } from 'tap'
import { z } from 'zod'
import { startGateway } from './gateway.ts'

const info = 30
const warn = 40

const Line = z.looseObject({
  level: z.number(),
  msg: z.string(),
  generation: z.string().optional(),
  attempt: z.string().optional(),
  upstream: z.string().optional(),
  tenant: z.string().optional(),
  client: z.string().nullish(),
  request_id: z.string().optional(),
  code: z.string().optional(),
  cost_usd: z.number().optional(),
})

async function start(t: Test) {
  const written: string[] = []
  const gateway = await startGateway(t, { onLine: (line) => written.push(line) })
  const lines = () => written.map((line) => Line.parse(JSON.parse(line))).filter(({ level }) => level >= info)
  return { gateway, lines, written }
}

t.test('the lines of a generation that fell back tell its story in order, in at most twelve', async (t) => {
  const { gateway, lines, written } = await start(t)
  gateway.simulator.control.setFaults('reseller', [{ kind: 'fails_late' }])
  const body = { prompt: 'a lighthouse of glass', duration: 5 }
  const accepted = await gateway.call('POST', '/generate', body)
  const { id } = accepted.body
  const ended = await gateway.finished(id)
  t.equal(ended.status, 'completed')
  const story = lines().filter(({ generation }) => generation === id)
  t.same(
    story.map(({ msg, upstream }) => [msg, upstream].join(' ').trim()),
    [
      'generation queued',
      'attempt started reseller',
      'attempt submitting reseller',
      'attempt accepted reseller',
      'attempt failed reseller',
      'attempt started official',
      'generation warning',
      'attempt submitting official',
      'attempt accepted official',
      'attempt archiving official',
      'attempt succeeded official',
      'generation completed official',
    ],
  )
  t.ok(story.length <= 12)
  t.ok(written.filter((line) => line.includes(id)).length <= 12 + 8, 'and polls are for debugging')
  for (const line of story) t.match(line, { tenant: 'studio', client: 'studio' }, line.msg)
  t.match(story[0], { request_id: accepted.headers.get('x-request-id') })
  t.match(story[4], { level: warn, code: 'failed', attempt: ended.attempts[0].id, cost_usd: 0 })
  t.match(story.at(-1), { level: info, cost_usd: ended.cost_usd })
  t.notMatch(written.filter((line) => Line.parse(JSON.parse(line)).level >= info).join(''), /lighthouse/)
})

t.test('what was not stored is not in the log, and what a caller ends or deletes is', async (t) => {
  const { gateway, lines } = await start(t)
  const refused = await gateway.call('POST', '/generate', { prompt: 'a boat', duration: 4000 })
  t.equal(refused.status >= 400, true)
  t.same(
    lines().filter(({ generation }) => generation !== undefined),
    [],
  )
  const { id } = (await gateway.call('POST', '/generate', { prompt: 'a boat', duration: 5 })).body
  const cancelled = await gateway.call('POST', `/generations/${id}/cancel`)
  await gateway.call('DELETE', `/generations/${id}`)
  const story = lines().filter(({ generation }) => generation === id)
  t.match(story, [
    { msg: 'generation queued' },
    { msg: 'generation cancelled', request_id: cancelled.headers.get('x-request-id'), code: 'cancelled' },
    { msg: 'generation deleted', tenant: 'studio', client: 'studio' },
  ])
  t.equal(story.length, 3)
})

t.test(
  'trouble with the account at an upstream is told once when it begins, and once when it is over',
  async (t) => {
    const { gateway, lines } = await start(t)
    const about = () =>
      lines().filter(({ msg, upstream }) => upstream === 'reseller' && msg.includes('account'))
    gateway.simulator.control.setFaults('reseller', [{ kind: 'billing', code: 'insufficient_credits' }])
    for (let turn = 0; turn < 3; turn++) {
      const { status } = await gateway.generate({ prompt: 'a boat', duration: 5 })
      t.equal(status, 'completed')
      await gateway.advance(120_000)
    }
    t.match(about(), [
      { level: warn, msg: 'upstream rejects its account: check the API key and the balance' },
    ])
    t.equal(about().length, 1)
    gateway.simulator.control.setFaults('reseller', [])
    await gateway.advance(900_000)
    await gateway.generate({ prompt: 'a boat', duration: 5 })
    t.match(about()[1], { level: info, msg: 'upstream accepts its account again' })
    t.equal(about().length, 2)
  },
)
