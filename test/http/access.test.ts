import type { FastifyInstance, HTTPMethods } from 'fastify'
import t from 'tap'
import { Problem } from '../../src/gateway/domain/problem.ts'
import { characterId, comparisonId, generationId, keyId, seriesId, sessionId } from './samples.ts'
import { asMaker, createStubs, keys, serve } from './stub-services.ts'

interface Route {
  method: HTTPMethods
  url: string
}

const methods = ['DELETE', 'GET', 'HEAD', 'PATCH', 'POST', 'PUT'] as const

/** All routes from the router's own tree, so that a new one cannot be left out. */
function routesOf(app: FastifyInstance): Route[] {
  const path: string[] = []
  return app
    .printRoutes({ commonPrefix: false })
    .split('\n')
    .flatMap((line) => {
      const [, branch = '', segment = '', listed = ''] =
        /^([│ ]*)[├└]── (\S+) \(([A-Z, ]+)\)$/.exec(line) ?? []
      if (segment === '') return []
      path.splice(branch.length / 4, path.length, segment)
      return methods
        .filter((one) => listed.split(', ').includes(one))
        .map((method) => ({ method, url: path.join('') }))
    })
}

function isPublic({ url }: Route): boolean {
  // The router prints the wildcard below /v1/ without what stands before it.
  return /^(?:\/?\*|\/$|\/(?:health|media|sheets|docs|problems|openapi\.json|console\/session$))/.test(url)
}

/** Those where the body is signed instead; the service checks it (`test/e2e/vendor-webhooks.slow.test.ts`). */
function isSigned({ url }: Route): boolean {
  return url.startsWith('/webhooks/')
}

function concrete({ url }: Route): string {
  const named = {
    attempts: `att_${'0'.repeat(26)}`,
    characters: characterId,
    keys: keyId,
    comparisons: comparisonId,
    series: seriesId,
    console: sessionId,
    generations: generationId,
  }
  const [, kind = ''] = url.split('/')
  const id = Object.entries(named).find(([each]) => each === kind)?.[1] ?? generationId
  return url.replace(':id', id).replace(':number', '1').replace(':token', 'token').replace(':name', 'studio')
}

async function ask(app: FastifyInstance, route: Route, authorization?: string) {
  return app.inject({
    method: route.method,
    url: concrete(route),
    headers: { ...(authorization !== undefined && { authorization }), accept: 'text/event-stream' },
  })
}

/** Operations that a key with any scope may call. */
const operations = new Set([
  '/upstreams',
  '/usage',
  '/usage.csv',
  '/estimates',
  '/keys/me',
  '/events',
  '/event-tickets',
  '/console/sessions',
  '/console/sessions/:id',
])

const roles = ['maker', 'reader', 'admin', 'observer', 'operator'] as const

/** What observers see of all tenants, and others of their own. */
const views = new Set(
  ['', '/counts', '/:id', '/:id/events', '/:id/deliveries', '/:id/video', '/:id/thumbnail'].flatMap(
    (path) => [`GET /generations${path}`, `HEAD /generations${path}`],
  ),
)

/** What `observe` reads of all tenants. */
const observed = new Set(
  ['/generations/:id/exchanges', '/operations/restore', '/metrics'].flatMap((url) => [
    `GET ${url}`,
    `HEAD ${url}`,
  ]),
)

/** The scopes by the API document: writing needs `generate`, reading also allows `read`, operations also allow `admin`. */
function expected({ method, url }: Route): string[] {
  if (operations.has(url)) return [...roles]
  if (['/upstreams/:id/statistics', '/statistics', '/nodes'].includes(url))
    return ['admin', 'observer', 'operator']
  if (views.has(`${method} ${url}`)) return ['maker', 'reader', 'observer', 'operator']
  if (observed.has(`${method} ${url}`)) return ['observer', 'operator']
  if (url === '/deliveries') return ['maker', 'reader', 'observer', 'operator']
  if (url.endsWith('/redeliver')) return ['maker', 'operator']
  if (/^\/(?:attempts|operations)|exchanges$|(?:pause|resume|probe|reset)$/.test(url)) return ['operator']
  if (/(?:cancel|resubmit)$/.test(url) && url.startsWith('/generations/')) return ['maker', 'operator']
  if (url.startsWith('/tenants') && method !== 'PATCH') return ['admin', 'observer', 'operator']
  if (/^\/(?:keys|tenants|audit|configuration)/.test(url)) return ['admin']
  return method === 'GET' || method === 'HEAD' ? ['maker', 'reader'] : ['maker']
}

t.test('every route but the public ones wants a known key', async (t) => {
  const stubs = createStubs()
  const app = await serve(t, stubs)
  await app.ready()
  const routes = routesOf(app)
  t.ok(routes.length > 30, `${routes.length} routes`)
  t.strictSame(routes.filter(isSigned), [{ method: 'POST', url: '/webhooks/:upstream' }])
  for (const route of routes.filter((each) => !isSigned(each))) {
    const title = `${route.method} ${route.url}`
    for (const [authorization, error] of [
      [undefined, ''],
      ['Basic dXNlcjpwYXNz', ''],
      ['Bearer', ''],
      [`Bearer ${keys.maker} ${keys.maker}`, ''],
      ['Bearer nobody', ', error="invalid_token"'],
    ] as const) {
      const answer = await ask(app, route, authorization)
      // Where no key is needed, a given one is checked. Signing in takes one in its body.
      const isChecked =
        route.url.endsWith('*') || (route.url === '/console/session' && route.method !== 'POST')
      if (isPublic(route) && !(isChecked && error !== '')) {
        t.not(answer.statusCode, 401, title)
        continue
      }
      t.equal(answer.statusCode, 401, `${title} with ${authorization ?? 'nothing'}`)
      t.equal(answer.headers['www-authenticate'], `Bearer realm="understudy"${error}`)
      if (route.method === 'HEAD') continue
      if (!route.url.startsWith('/v1/')) t.equal(answer.json().code, 'unauthorized')
      else t.match(answer.json().error, { type: 'invalid_request_error', code: 'invalid_api_key' })
    }
  }
  t.strictSame(stubs.seen.calls, [], 'and no service is asked before')
})

t.test('a key does what its scopes say and no more', async (t) => {
  const app = await serve(t)
  await app.ready()
  for (const route of routesOf(app).filter((route) => !isPublic(route) && !isSigned(route))) {
    for (const who of roles) {
      const answer = await ask(app, route, `Bearer ${keys[who]}`)
      const may = expected(route).includes(who)
      t.equal(answer.statusCode !== 403, may, `${route.method} ${route.url} as ${who}`)
      if (!may)
        t.match(
          answer.headers['www-authenticate'],
          /error="insufficient_scope", scope="(?:read|generate|admin|observe|operate)"$/,
        )
    }
  }
})

t.test('a body is not read for someone without a key', async (t) => {
  const stubs = createStubs()
  const app = await serve(t, stubs)
  const answer = await app.inject({
    method: 'POST',
    url: '/generate',
    headers: { 'content-type': 'application/json' },
    payload: '{"prompt":',
  })
  t.equal(answer.json().code, 'unauthorized')
})

t.test('the scheme is read in any case', async (t) => {
  const app = await serve(t)
  const answer = await app.inject({
    url: '/generations',
    headers: { authorization: `bearer  ${keys.reader}` },
  })
  t.equal(answer.statusCode, 200)
})

/** Refused before any hook of a route: undecodable, too long, and both below /v1. */
const unroutable = [
  '/%zz',
  '/v1/%zz',
  `/generations/${'a'.repeat(1025)}`,
  `/v1/videos/${'a'.repeat(1025)}`,
  '/nothing',
]

t.test('a path that cannot be routed is no way around the rate of a key', async (t) => {
  for (const url of unroutable) {
    const app = await serve(t)
    const headers = { authorization: `Bearer ${keys.slow}` }
    for (const remaining of [1, 0]) {
      const answer = await app.inject({ url, headers })
      t.ok([400, 404].includes(answer.statusCode), url)
      t.match(answer.headers, { ratelimit: `"minute";r=${remaining};t=60`, 'x-request-id': /^req_/ }, url)
    }
    const third = await app.inject({ url, headers })
    t.equal(third.statusCode, 429, url)
    t.match(third.headers['retry-after'], /^[1-9]\d*$/)
    t.equal((await app.inject({ url: '/generations', headers })).statusCode, 429, 'elsewhere too')
    t.equal((await app.inject({ url })).statusCode, url.includes('%') ? 400 : 404, 'it needs no key')
  }
})

t.test('a path that cannot be routed is no way to guess keys', async (t) => {
  for (const url of unroutable) {
    const told: string[] = []
    const failures = { perMinute: 2, pauseMs: 10, perPause: 20, mostPaused: 2 }
    const app = await serve(t, createStubs(), { failures, onUnknownKeys: (from) => void told.push(from) })
    const guess = (number: number) =>
      app.inject({ url, headers: { authorization: `Bearer guess-${number}` } })
    for (const number of [1, 2]) t.equal((await guess(number)).statusCode, 401, url)
    t.equal((await guess(3)).statusCode, 429, url)
    t.strictSame(told, ['127.0.0.1'])
  }
})

t.test('a key with a rate gets its allowance and then a time to wait', async (t) => {
  const app = await serve(t)
  const headers = { authorization: `Bearer ${keys.slow}` }
  const first = await app.inject({ url: '/upstreams', headers })
  t.match(first.headers, { 'ratelimit-policy': '"minute";q=2;w=60', ratelimit: /^"minute";r=1;t=\d+$/ })
  await app.inject({ url: '/generations', headers })
  const third = await app.inject({ url: '/upstreams', headers })
  t.equal(third.statusCode, 429)
  t.equal(third.json().code, 'rate_limited')
  t.match(third.headers, { 'retry-after': /^[1-9]\d*$/, ratelimit: /^"minute";r=0;t=\d+$/ })
  const other = await app.inject({ url: '/upstreams', headers: asMaker })
  t.equal(other.statusCode, 200, 'another key is not affected')
  t.notOk(other.headers['ratelimit'])
})

t.test(
  'previews while a prompt is typed do not use up the rate of a key, and have an end of their own',
  async (t) => {
    const app = await serve(t)
    await app.ready()
    const headers = { authorization: `Bearer ${keys.slow}` }
    const preview = (url: string) =>
      app.inject({ method: 'POST', url, headers, payload: { prompt: 'x', scenes: [{ prompt: 'x' }] } })
    const first = await preview('/route')
    t.match(first.headers, {
      'ratelimit-policy': '"previews";q=20;w=60',
      ratelimit: /^"previews";r=19;t=\d+$/,
    })
    for (let asked = 1; asked < 20; asked++) {
      const answer = await preview(['/route', '/series/route', '/comparisons/route'][asked % 3] ?? '')
      t.match(answer.headers, { ratelimit: `"previews";r=${19 - asked};` })
    }
    for (const url of ['/route', '/series/route', '/comparisons/route']) {
      const refused = await preview(url)
      t.equal(refused.statusCode, 429, url)
      t.match(refused.json(), { code: 'rate_limited', detail: /20 previews per minute/ })
      t.match(refused.headers['retry-after'], /^[1-9]\d*$/)
    }
    t.match((await app.inject({ url: '/upstreams', headers })).headers, { ratelimit: /^"minute";r=1;/ })
    const poll = await app.inject({ url: `/series/${seriesId}`, headers })
    t.match(poll.headers, { ratelimit: /^"polls";r=19;/ }, 'polls are counted apart')
  },
)

t.test('asking after one thing does not use up the rate of a key, and has an end of its own', async (t) => {
  const app = await serve(t)
  await app.ready()
  const headers = { authorization: `Bearer ${keys.slow}` }
  const polls = [
    `/generations/${generationId}`,
    `/generations/${generationId}?wait=1`,
    `/characters/${characterId}`,
    `/series/${seriesId}`,
    `/comparisons/${comparisonId}`,
    `/v1/videos/${generationId}`,
    `/v1/sora/tasks/${generationId}`,
  ]
  const [one = ''] = polls
  const first = await app.inject({ url: one, headers })
  t.match(first.headers, { 'ratelimit-policy': '"polls";q=20;w=60', ratelimit: /^"polls";r=19;t=\d+$/ })
  for (let asked = 1; asked < 20; asked++) {
    const url = polls[asked % polls.length] ?? ''
    const answer = await app.inject({ url, headers })
    t.not(answer.statusCode, 429, url)
    t.match(answer.headers, { ratelimit: `"polls";r=${19 - asked};` })
  }
  for (const url of polls) {
    const answer = await app.inject({ url, headers })
    t.equal(answer.statusCode, 429, url)
    t.match(answer.headers['retry-after'], /^[1-9]\d*$/)
  }
  const refused = await app.inject({ url: one, headers })
  t.match(refused.json(), { code: 'rate_limited', detail: /20 polls per minute/ })
  const head = await app.inject({ method: 'HEAD', url: one, headers })
  t.equal(head.statusCode, 429, 'HEAD is counted like GET')

  for (const url of ['/upstreams', '/generations', '/series']) {
    const answer = await app.inject({ url, headers })
    t.equal(answer.statusCode === 429, url === '/series', `${url}: other requests are counted apart`)
  }
})

async function gone(): Promise<never> {
  throw new Problem('not_found', 'The generation does not exist, or belongs to another tenant.')
}

t.test("what belongs to another tenant is not_found, in the service's own words", async (t) => {
  const stubs = createStubs()
  stubs.generations = {
    ...stubs.generations,
    get: gone,
    cancel: gone,
    remove: gone,
    video: gone,
    thumbnail: gone,
  }
  const app = await serve(t, stubs)
  for (const [method, path] of [
    ['GET', ''],
    ['POST', '/cancel'],
    ['DELETE', ''],
    ['GET', '/events'],
    ['GET', '/video'],
    ['GET', '/thumbnail'],
  ] as const) {
    const answer = await app.inject({ method, url: `/generations/${generationId}${path}`, headers: asMaker })
    t.equal(answer.statusCode, 404, `${method} ${path}`)
    t.match(answer.json(), {
      code: 'not_found',
      detail: 'The generation does not exist, or belongs to another tenant.',
    })
  }
})

t.test('request ids of the caller are kept where they are harmless', async (t) => {
  const app = await serve(t)
  const echo = async (id: string) => {
    const answer = await app.inject({ url: '/health/live', headers: { 'x-request-id': id } })
    return answer.headers['x-request-id']
  }
  t.equal(await echo('trace-1/a.b:c'), 'trace-1/a.b:c')
  for (const odd of ['', 'a b', 'x'.repeat(129), 'a"b', '{{x}}']) {
    t.match(await echo(odd), /^req_[0-9a-f-]{36}$/, JSON.stringify(odd))
  }
})
