import t from 'tap'
import type { CreateRequest } from '../../src/gateway/ports/upstream.ts'
import { createUpstreamDirectory } from '../../src/gateway/upstreams/upstream-directory.ts'
import {
  compileExpression,
  evaluate,
  firstOf,
  isTrue,
} from '../../src/gateway/upstreams/described/expressions/expression.ts'
import type { Expression, Values } from '../../src/gateway/upstreams/described/expressions/expression.ts'
import {
  compileTemplate,
  fill,
  fillPath,
} from '../../src/gateway/upstreams/described/expressions/template.ts'
import type { Template } from '../../src/gateway/upstreams/described/expressions/template.ts'
import { dialectOf } from '../../src/gateway/upstreams/dialects.ts'
import { answer, mediaSource, settings, spec } from './fixtures.ts'
import { fakeRemote, json, noLogger, startHttp } from './loopback.ts'

const image = mediaSource(Buffer.from('png'), 'image/png', 'i.png')
const plain: CreateRequest = {
  idempotencyKey: 'att_1',
  model: 'm-1',
  prompt: 'a {{ prompt }}/100% & more',
  durationSeconds: 10,
  size: '1280x720',
  reference: null,
  characterHandles: [],
  inlineCharacters: [],
}

const minimal = {
  create: { path: '/jobs', body: { text: '{{ prompt }}' }, id: 'id' },
  poll: { path: '/jobs/{{ id }}', status: 'state', video: 'url' },
}

function described(description: object) {
  return dialectOf(settings({ spec: spec({ dialect: 'made-up' }), description: { ...description } }))
}

function expression(text: string): Expression {
  const compiled = compileExpression(text)
  if (compiled.type === 'faulty') throw new Error(compiled.message)
  return compiled.expression
}

function template(text: string): Template {
  const compiled = compileTemplate(text)
  if (compiled.type === 'faulty') throw new Error(compiled.message)
  return compiled.template
}

t.test('an expression that does not fit what came is nothing, not an error', async (t) => {
  const value = { a: { b: 'x' }, list: [1], text: '{"c":[2]}', no: 0, flag: false }
  const rows: [text: string, expected: unknown][] = [
    ['a.b', 'x'],
    ['a.b.c.d', null],
    ['list.b', null],
    ['join(a, list)', null],
    ['from_json(text).c[0]', 2],
    ['from_json(a)', null],
    ['from_json(a.b)', null],
    ['missing || a.b', 'x'],
    ['no', 0],
    ['$asked.id', 'job-1'],
    ['constructor', null],
    ['a.toString', null],
  ]
  for (const [text, expected] of rows)
    t.strictSame(evaluate(expression(text), value, { id: 'job-1' }), expected, text)
  t.equal(evaluate(expression('a'), undefined), null)
  t.equal(firstOf([expression('missing'), expression("''"), expression('a.b')], value), 'x')
  for (const truth of [true, 'x', 0, [0], { a: 1 }]) t.equal(isTrue(truth), true, JSON.stringify(truth))
  for (const lie of [false, null, '', [], {}]) t.equal(isTrue(lie), false, JSON.stringify(lie))
})

t.test('what would go wrong later is a fault of the expression', async (t) => {
  const rows: [text: string, message: RegExp][] = [
    ['a[', /is no JMESPath expression/],
    ['nope(a)', /knows no function nope\(\)/],
    ['a[?nope(b)]', /nope/],
    ['map(&nope(b), c)', /nope/],
    ['!a.b', /write `!\(a\.b\)`/],
    ['a == null', /with its backticks/],
    ['$other.x', /knows no variable \$other/],
    ['let $x = a in $x', /has a `let`|knows no variable/],
  ]
  for (const [text, message] of rows) t.match(compileExpression(text), { type: 'faulty', message }, text)
})

const path = (text: string, values: Values) => fillPath(template(text), values)

t.test('a value in a path is one segment, unless it is said to be several', async (t) => {
  t.equal(
    path('/x/{{ id }}?q={{ id }}', { id: 'a/b c:d?#&' }),
    '/x/a%2Fb%20c%3Ad%3F%23%26?q=a%2Fb%20c%3Ad%3F%23%26',
  )
  t.equal(path('/{{/ id }}/x', { id: 'a b/c' }), '/a%20b/c/x')
  for (const id of [null, '', '.', '..'])
    t.equal(path('/x/{{ id }}', { id }), null, `${id} would lead elsewhere`)
  for (const id of ['a/../b', '/a', 'a//b'])
    t.equal(path('/{{/ id }}', { id }), null, `${id} would lead elsewhere`)
})

t.test('a lone placeholder gives its value, anything else text', async (t) => {
  const values = { n: 4, list: ['a'], none: null }
  const filled = (text: string) => fill(template(text), values)
  t.strictSame(filled('{{ n }}'), 4)
  t.strictSame(filled('{{ n }}s'), '4s')
  t.strictSame(filled('{{ list }}'), ['a'])
  t.strictSame(filled('{{ none }}'), null)
  t.strictSame(filled('x{{ none }}y{{ list }}'), 'xy["a"]')
  t.strictSame(filled('plain'), 'plain')
})

t.test('what callers write is never taken for a placeholder', async (t) => {
  t.match(described(minimal).create.encode(plain), { body: { value: { text: plain.prompt } } })
})

t.test('a body leaves out what is not there, and splices lists into lists', async (t) => {
  const { create } = described({
    ...minimal,
    create: {
      path: '/jobs',
      id: 'id',
      body: { fixed: null, image: '{{ images[0] }}', parts: ['a', '{{ images }}', '{{ images[0] }}'], n: 3 },
    },
  })
  t.same(create.encode(plain), {
    method: 'POST',
    path: '/jobs',
    body: { type: 'json', value: { fixed: null, parts: ['a'], n: 3 } },
  })
  t.match(create.encode({ ...plain, reference: { kind: 'image', media: image, influence: null } }), {
    body: { value: { image: image.url, parts: ['a', image.url, image.url] } },
  })
})

t.test('a form carries files, and a part for each item of a list', async (t) => {
  const { create } = described({
    ...minimal,
    create: {
      path: '/jobs',
      id: 'id',
      form: {
        text: '{{ prompt }}',
        ids: '{{ characters[*].handle }}',
        file: { file: 'reference' },
        more: { a: 1 },
      },
    },
  })
  const { reference: none, ...rest } = plain
  t.equal(none, null)
  t.same(
    create.encode({
      ...rest,
      reference: { kind: 'image', media: image, influence: null },
      characterHandles: ['a', 'b'],
    }),
    {
      method: 'POST',
      path: '/jobs',
      body: {
        type: 'multipart',
        parts: [
          { name: 'text', value: plain.prompt },
          { name: 'ids', value: 'a' },
          { name: 'ids', value: 'b' },
          { name: 'file', file: image },
          { name: 'more', value: '{"a":1}' },
        ],
      },
    },
  )
  t.match(create.encode(plain), { body: { parts: [{ name: 'text' }, { name: 'more' }] } })
})

t.test('a create without what further calls need is unknown, never accepted and never a no', async (t) => {
  const { create, poll } = described({
    ...minimal,
    create: { ...minimal.create, keep: { shard: 'shard', engine: '$asked.model' } },
    poll: { ...minimal.poll, path: '/{{ shard }}/{{ id }}' },
  })
  const outcome = create.decode(answer({ status: 200, body: { id: 'j1', shard: 's 1' } }), plain)
  t.match(outcome, { type: 'accepted', job: { operation: { id: 'j1', shard: 's 1', engine: 'm-1' } } })
  t.match(poll.encode({ id: 'j1', shard: 's 1', engine: 'm-1' }), { path: '/s%201/j1' })
  t.match(create.decode(answer({ status: 200, body: { id: 'j1' } }), plain), { type: 'unknown' })
  t.throws(() => poll.encode({ id: 'j1' }), 'an operation that is not ours is a bug')
  t.throws(() => poll.encode('j1'))
})

t.test('status words of its own, numbers among the states; unknown ones mean running', async (t) => {
  const own = described({
    ...minimal,
    poll: { ...minimal.poll, words: { waiting: ['brewing', '1'], completed: '2', failed: 'spilt' } },
  })
  const rows: [state: unknown, expected: object][] = [
    ['Brewing', { type: 'running', status: 'Brewing' }],
    [1, { type: 'running', status: '1' }],
    [2, { type: 'completed' }],
    ['spilt', { type: 'failed' }],
    ['completed', { type: 'completed' }],
    ['simmering', { type: 'running', apparent: { type: 'completed' } }],
    [null, { type: 'unreadable' }],
    [{}, { type: 'unreadable' }],
  ]
  for (const [state, expected] of rows)
    t.match(own.poll.decode(answer({ status: 200, body: { state, url: 'https://x.example/v' } })), expected)
  t.ok(own.knowsStatus('brewing'))
  t.ok(own.knowsStatus('processing'), 'words for waiting are the same everywhere')
  t.ok(own.knowsStatus('completed'), 'and so are those for ends')
  t.notOk(own.knowsStatus('simmering'))
})

t.test('a video below an endpoint, and until when', async (t) => {
  const own = described({
    create: minimal.create,
    poll: { path: '/jobs/{{ id }}', status: 'state', expires_at: 'until' },
    content: { path: '/jobs/{{ id }}/file' },
  })
  const report = own.poll.decode(
    answer({ status: 200, body: { state: 'simmering', until: 1_790_000_000 } }),
    {
      id: 'j1',
    },
  )
  t.match(report, { type: 'running', status: 'simmering' }, 'a word that nobody knows')
  const completed = own.poll.decode(
    answer({ status: 200, body: { state: 'completed', until: 1_790_000_000 } }),
    {
      id: 'j1',
    },
  )
  t.match(completed, { type: 'completed', result: { url: null, expiresAt: 1_790_000_000_000 } })
  t.same(own.locate({ id: 'j/1' }, { url: null, expiresAt: 5 }), {
    targets: [{ type: 'path', path: '/jobs/j%2F1/file' }],
    expiresAt: 5,
  })
  t.throws(() => described(minimal).locate({ id: 'j1' }, {}), 'a result without a video is a bug')
})

t.test('recent jobs, page by page', async (t) => {
  const { list } = described({
    ...minimal,
    list: {
      path: '/jobs?size=2',
      more: '/jobs?size=2&from={{ after }}',
      items: 'data.rows',
      id: 'id',
      prompt: 'text',
      model: 'engine',
      created: 'at',
      next: 'data.cursor',
    },
  })
  t.equal(list?.encode(null).path, '/jobs?size=2')
  t.equal(list?.encode('a b').path, '/jobs?size=2&from=a%20b')
  const rows = [
    { id: 'j1', text: 'a boat', engine: 'm-1', at: 1_790_000_000 },
    { id: 'j2', at: '2026-09-21T13:46:40Z' },
    { text: 'without an id' },
  ]
  t.same(list?.decode(answer({ status: 200, body: { data: { rows, cursor: 'c2' } } })), {
    type: 'page',
    jobs: [
      {
        upstreamId: 'j1',
        operation: { id: 'j1' },
        model: 'm-1',
        prompt: 'a boat',
        createdAt: 1_790_000_000_000,
      },
      { upstreamId: 'j2', operation: { id: 'j2' }, model: null, prompt: null, createdAt: 1_789_998_400_000 },
    ],
    skipped: 1,
    next: 'c2',
  })
  t.match(list?.decode(answer({ status: 404, body: {} })), { type: 'unsupported' })
  t.match(list?.decode(answer({ status: 200, body: '<html>' })), { type: 'unsupported' })
  t.match(list?.decode(answer({ status: 200, body: { data: {} } })), { type: 'unreachable' })
  t.match(list?.decode(answer({ status: 503, body: { message: 'down' } })), {
    type: 'unreachable',
    message: /down/,
  })
  t.equal(described(minimal).list, null)
  const entries = { path: '/jobs', items: 'data', id: 'id' }
  t.equal(list?.isAuthority, true)
  t.equal(described({ ...minimal, list: { ...entries, partial: true } }).list?.isAuthority, false)
})

t.test('on the wire: its own key header, its idempotency header, polls that are POSTs', async (t) => {
  const server = await startHttp(t, ({ url }, response) =>
    json(response, 200, url === '/api/ask' ? { state: 'running' } : { id: 'j1' }),
  )
  const description = {
    auth: { header: 'X-Key', value: 'Token {{ key }}' },
    headers: { 'X-Version': '2' },
    create: { ...minimal.create, idempotency_header: 'X-Once' },
    poll: { method: 'POST', path: '/ask', body: { id: '{{ id }}' }, status: 'state', video: 'url' },
  }
  const each = settings({
    spec: spec({ dialect: 'made-up' }),
    baseUrl: `http://127.0.0.1:${server.port}/api`,
    apiKey: 'secret-1',
    description,
  })
  const directory = createUpstreamDirectory([each], {
    remoteMedia: fakeRemote(),
    logger: noLogger,
    clock: Date,
  })
  t.teardown(() => directory.close())
  const upstream = directory.all()[0]!
  t.equal(upstream.deduplicates, true)
  t.match(await upstream.create(plain), { type: 'accepted' })
  for (const _ of [1, 2, 3, 4, 5, 6]) t.match(await upstream.poll({ id: 'j1' }), { type: 'running' })
  const [create, poll] = server.seen
  t.match(create, {
    method: 'POST',
    url: '/api/jobs',
    headers: { 'x-key': 'Token secret-1', 'x-version': '2', 'x-once': 'att_1', authorization: undefined },
  })
  t.match(poll, { method: 'POST', url: '/api/ask', headers: { 'x-key': 'Token secret-1' } })
  t.ok(server.connections() < server.seen.length, 'polls share connections')
})

t.test('errors in its own words refine what all vendors mean, and overrule no refusal', async (t) => {
  const { create, poll } = described({
    ...minimal,
    poll: { ...minimal.poll, failure: 'why' },
    errors: [
      { http: 418, code: 'E1', is: 'rejected' },
      { http: 400, is: 'upstream_down' },
      { says: ['Too Pretty', 'too ugly'], is: 'character_invalid' },
      { code: [7, 'E7'], is: 'invalid' },
    ],
  })
  const rows: [status: number, body: unknown, expected: object][] = [
    [418, { code: 'e1', message: 'x' }, { type: 'rejected' }],
    [418, { code: 'E2', message: 'x' }, { type: 'upstream_down' }],
    [400, { message: 'nothing known' }, { type: 'upstream_down' }],
    [400, { code: 'moderation_blocked' }, { type: 'refused' }],
    [500, { message: 'this one is too pretty' }, { type: 'character_invalid' }],
    [500, { code: 7 }, { type: 'invalid' }],
    [500, { message: 'no idea' }, { type: 'unknown' }],
  ]
  for (const [status, body, expected] of rows)
    t.match(create.decode(answer({ status, body }), plain), expected, JSON.stringify(body))
  const failed = (why: object) => poll.decode(answer({ status: 200, body: { state: 'failed', why } }))
  t.match(failed({ code: 'E7', message: 'x' }), { type: 'failed', retryable: false })
  t.match(failed({ code: 'E8', message: 'x' }), { type: 'failed', retryable: true })
})
