import fastify from 'fastify'
import rateLimit from '@fastify/rate-limit'
import type { Test } from 'tap'
import { createRateCheck } from '../../src/gateway/http/edge/key-rate.ts'
import type { Client } from '../../src/gateway/domain/accounts/client.ts'
import type { RequestCounts } from '../../src/gateway/ports/accounts/request-counts.ts'
import { Problem } from '../../src/gateway/domain/problem.ts'

const limit = 5

const client: Client = {
  keyId: 'key_studio',
  tenant: 'studio',
  key: 'studio',
  scopes: ['generate'],
  allow: [],
  allowUpstreams: null,
  allowModels: null,
  monthlyBudgetMicros: null,
  requestsPerMinute: limit,
  maxInFlight: null,
  webhookUrl: null,
}

function clientOf({ headers }: { headers: Record<string, unknown> }): Client {
  return { ...client, key: String(headers['x-key']) }
}

async function startNode(t: Test, counts: RequestCounts | null): Promise<string> {
  const app = fastify()
  t.teardown(() => app.close())
  await app.register(rateLimit, { global: false })
  const check = createRateCheck(app, clientOf, counts)
  app.addHook('onRequest', check)
  app.setErrorHandler((error, _request, reply) =>
    reply.code(error instanceof Problem && error.code === 'rate_limited' ? 429 : 500).send(),
  )
  app.get('/work', () => 'done')
  app.get('/poll', { config: { polled: true } }, () => 'polled')
  return app.listen({ host: '127.0.0.1', port: 0 })
}

async function ask(address: string, path: string, key = 'studio') {
  const response = await fetch(address + path, { headers: { 'x-key': key } })
  await response.text()
  return response
}

/** What the limit of a key guarantees, whoever counts. `make` returns a counter for each node. */
export function keyRateContract(t: Test, make: (t: Test) => Promise<Array<RequestCounts | null>>): void {
  t.test('of the requests that come at once, over all nodes, the limit passes', async (t) => {
    const nodes = await Promise.all((await make(t)).map((counts) => startNode(t, counts)))
    const answers = await Promise.all(
      Array.from({ length: 10 }).flatMap(() => nodes.map((node) => ask(node, '/work'))),
    )
    t.equal(answers.filter(({ status }) => status === 200).length, limit)
    const refused = answers.filter(({ status }) => status === 429)
    t.equal(refused.length, answers.length - limit)
    for (const { headers } of refused) {
      const wait = Number(headers.get('retry-after'))
      t.ok(wait > 0 && wait <= 60)
      t.equal(headers.get('ratelimit-policy'), `"minute";q=${limit};w=60`)
      t.equal(headers.get('ratelimit'), `"minute";r=0;t=${wait}`)
    }
  })

  t.test('an answer says what remains', async (t) => {
    const [counts = null] = await make(t)
    const node = await startNode(t, counts)
    for (let left = limit - 1; left >= 0; left--)
      t.match((await ask(node, '/work')).headers.get('ratelimit') ?? '', `"minute";r=${left};`)
  })

  t.test('polls and other keys are counted apart', async (t) => {
    const [counts = null] = await make(t)
    const node = await startNode(t, counts)
    for (let n = 0; n < limit; n++) t.equal((await ask(node, '/work')).status, 200)
    t.equal((await ask(node, '/work')).status, 429)
    t.equal((await ask(node, '/poll')).status, 200)
    t.equal((await ask(node, '/work', 'bank')).status, 200)
  })
}
