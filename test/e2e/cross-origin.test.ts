import t from 'tap'
import { keys, startGateway } from './gateway.ts'
import type { Gateway } from './gateway.ts'

const page = 'https://app.example'
const bearer = { authorization: `Bearer ${keys.studio}` }

/** What a browser asks before it sends a call that a form could not send. */
function preflight({ address }: Gateway, path: string, origin = page): Promise<Response> {
  return fetch(`${address}${path}`, {
    method: 'OPTIONS',
    headers: {
      origin,
      'access-control-request-method': 'POST',
      'access-control-request-headers': 'authorization,content-type,idempotency-key',
    },
  })
}

t.test('without origins in the configuration, pages of other origins are told nothing', async (t) => {
  const gateway = await startGateway(t)
  t.equal((await preflight(gateway, '/generate')).status, 405)
  const { headers } = await gateway.call('GET', '/generations', undefined, { ...bearer, origin: page })
  t.equal(headers.get('access-control-allow-origin'), null)
})

t.test('pages of configured origins may call with a key, and read what answers say', async (t) => {
  const gateway = await startGateway(t, { server: { cors_origins: [page, 'http://localhost:5173'] } })
  for (const path of ['/generate', '/characters', '/v1/videos', '/nowhere']) {
    const answer = await preflight(gateway, path)
    t.equal(answer.status, 204, path)
    t.match(Object.fromEntries(answer.headers), {
      'access-control-allow-origin': page,
      'access-control-allow-methods': /\bPOST\b.*\bDELETE\b/,
      'access-control-allow-headers': 'authorization,content-type,idempotency-key',
      'access-control-max-age': '600',
      vary: /origin/i,
    })
    t.equal(answer.headers.get('access-control-allow-credentials'), null, 'cookies are not admitted')
  }

  const made = await gateway.call(
    'POST',
    '/generate',
    { prompt: 'a mill', duration: 10 },
    { ...bearer, origin: page },
  )
  t.equal(made.status, 202)
  t.equal(made.headers.get('access-control-allow-origin'), page)
  const readable = made.headers.get('access-control-expose-headers') ?? ''
  const { body: described } = await gateway.call('GET', '/openapi.json')
  const responses = Object.values<Record<string, any>>(described.paths)
    .flatMap((operations) => Object.values(operations))
    .flatMap((operation) => Object.values<any>(operation.responses ?? {}))
  const told = new Set(responses.flatMap(({ headers = {} }) => Object.keys(headers)))
  t.ok(told.size > 6, 'what the API describes')
  for (const name of told) t.ok(readable.split(', ').includes(name), name)

  for (const [path, headers, status] of [
    ['/generations', { authorization: 'Basic none' }, 401],
    ['/nowhere', bearer, 404],
    ['/generations/gen_01hzzzzzzzzzzzzzzzzzzzzzzz', bearer, 404],
  ] as const) {
    const answer = await gateway.call('GET', path, undefined, { ...headers, origin: page })
    t.equal(answer.status, status)
    t.equal(answer.headers.get('access-control-allow-origin'), page, `a page reads the problem of ${path}`)
  }
})

t.test(
  'pages of other origins are told nothing, and what is no preflight request is answered as before',
  async (t) => {
    const gateway = await startGateway(t, { server: { cors_origins: [page] } })
    for (const origin of ['https://evil.example', `${page}.evil.example`, 'http://app.example', 'null']) {
      const asked = await preflight(gateway, '/generate', origin)
      t.equal(asked.headers.get('access-control-allow-origin'), null, origin)
      const { headers } = await gateway.call('GET', '/generations', undefined, { ...bearer, origin })
      t.equal(headers.get('access-control-allow-origin'), null, origin)
      t.match(headers.get('vary'), /origin/i, 'a cache keeps the answers apart')
    }
    const options = await gateway.call('OPTIONS', '/generate')
    t.equal(options.status, 405)
    t.equal(options.headers.get('allow'), 'POST')
    t.match(options.body, { code: 'method_not_allowed' })
    const nowhere = await gateway.call('OPTIONS', '/nowhere')
    t.equal(nowhere.status, 404)
    t.match(nowhere.body, { code: 'not_found' })
  },
)

t.test('with *, pages of all origins may call', async (t) => {
  const gateway = await startGateway(t, { server: { cors_origins: ['*'] } })
  const answer = await preflight(gateway, '/generate')
  t.equal(answer.status, 204)
  t.equal(answer.headers.get('access-control-allow-origin'), '*')
})
