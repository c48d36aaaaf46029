import { createServer } from 'node:http'
import type { ServerResponse } from 'node:http'
import { text } from 'node:stream/consumers'
import t from 'tap'
import type { Test } from 'tap'
import { sendCreate } from '../../../src/cli/mcp/money/send-create.ts'
import { createReach } from '../../../src/cli/mcp/reach.ts'

const stored = {
  id: 'gen_01kasp3v5tq8c9d4wz7m2n6xhr',
  tenant: 'studio',
  status: 'queued',
  progress: 0,
  route: { priority: 'cost', candidates: [], excluded: [], estimated_cost_usd: 0, worst_case_cost_usd: 0 },
  attempts: [],
  cost_usd: 0,
  reserved_cost_usd: 0,
  warnings: [],
  video: null,
  error: null,
  prompt: 'a boat',
  model: 'sora-2',
  duration: 5,
  size: '320x240',
  created_at: '2026-11-22T15:04:05.000Z',
}

type Respond = (response: ServerResponse) => void

const json =
  (status: number, body: object): Respond =>
  (response) => {
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
  }
const problem = (status: number, code: string) => json(status, { detail: 'It is so.', code })
const cut: Respond = (response) => response.destroy()
const accepted = json(202, stored)

/** A gateway that responds to creates in turn, the last way from then on. */
async function startScripted(t: Test, script: readonly Respond[], ended = new AbortController().signal) {
  const received: Array<{ key: unknown; body: string }> = []
  const server = createServer((request, response) => {
    void (async () => {
      received.push({ key: request.headers['idempotency-key'], body: await text(request) })
      const respond = script[received.length - 1] ?? script.at(-1)
      respond?.(response)
    })()
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const close = () => new Promise<void>((resolve) => server.close(() => resolve()))
  t.teardown(close)
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('no port')
  const login = { url: `http://127.0.0.1:${address.port}`, key: 'k' }
  return { received, close, reach: createReach(login, ended) }
}

t.test('a create is repeated with the same key and body, and what became of it is told', async (t) => {
  const rows: Array<[string, Respond[], string, number]> = [
    ['accepted', [accepted], 'accepted', 1],
    ['the connection is cut once', [cut, accepted], 'accepted', 2],
    ['a proxy in between fails once', [problem(502, 'bad'), accepted], 'accepted', 2],
    ['an answer that cannot be read', [json(202, {}), accepted], 'accepted', 2],
    ['it is still at work', [problem(409, 'idempotency_in_progress'), accepted], 'accepted', 2],
    ['rejected', [problem(422, 'no_upstream')], 'refused', 1],
    ['shed until the time is over', [problem(429, 'rate_limited')], 'refused', 1],
    ['cut each time', [cut], 'lost', 4],
    ['cut once, then the key is revoked', [cut, problem(401, 'unauthorized')], 'lost', 2],
  ]
  await Promise.all(
    rows.map(async ([name, script, kind, requests]) => {
      const { received, reach } = await startScripted(t, script)
      const sent = await sendCreate(reach, { prompt: 'a boat' }, 'mcp-1', { shedMs: 0 })
      t.equal(sent.kind, kind, name)
      t.equal(received.length, requests, name)
      for (const each of received) t.same(each, { key: 'mcp-1', body: '{"prompt":"a boat"}' }, name)
    }),
  )
})

t.test(
  'a create that was shed is repeated for longer than others, because it was not processed',
  async (t) => {
    const shed = Array.from({ length: 5 }, () => problem(503, 'overloaded'))
    const { received, reach } = await startScripted(t, [...shed, accepted])
    t.match(await sendCreate(reach, {}, 'mcp-1'), { kind: 'accepted' })
    t.equal(received.length, 6)
  },
)

t.test('where nothing listens, nothing was sent', async (t) => {
  const { reach, close } = await startScripted(t, [accepted])
  await close()
  const wanted = { kind: 'refused', error: { message: /No gateway responds/ } }
  t.match(await sendCreate(reach, {}, 'mcp-1'), wanted)
})

t.test('a create that the end of the process cuts off may have been stored', async (t) => {
  const ended = new AbortController()
  const { received, reach } = await startScripted(t, [() => ended.abort()], ended.signal)
  t.match(await sendCreate(reach, {}, 'mcp-1'), { kind: 'lost' })
  t.equal(received.length, 1)
})
