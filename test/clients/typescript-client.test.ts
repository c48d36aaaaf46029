import { readFile } from 'node:fs/promises'
import t from 'tap'
import {
  GenerationFailedError,
  UnderstudyError,
  UnreachableError,
  WaitTimeoutError,
  createUnderstudy,
} from '../../openapi/clients/typescript/src/client.ts'
import type { RetryOptions, Understudy } from '../../openapi/clients/typescript/src/client.ts'

type Answer = TypeError | (() => Response)

const json = (status: number, body: object, headers: Record<string, string> = {}) =>
  new Response(JSON.stringify(body), { status, headers: { 'content-type': 'application/json', ...headers } })

const state = (status: string, progress: number, more = {}) =>
  json(200, { id: 'gen_1', status, progress, attempts: [], ...more })

const problem = (status: number, code: string, headers: Record<string, string> = {}) =>
  json(status, { code, detail: 'It did not work.', request_id: 'req_1' }, headers)

const noConnection = new TypeError('fetch failed')

/** A client whose gateway gives these answers, one after the other; the last one for ever. */
function clientOf(
  answers: Answer[],
  retry: RetryOptions = { firstPauseMs: 1 },
): { client: Understudy; asked: Request[] } {
  const asked: Request[] = []
  const client = createUnderstudy({
    baseUrl: 'http://gateway.test/',
    apiKey: 'key',
    retry,
    async fetch(request) {
      const answer = answers[Math.min(asked.length, answers.length - 1)]
      asked.push(request)
      if (answer === undefined) throw new Error('there are no answers')
      if (answer instanceof Error) throw answer
      return answer()
    },
  })
  return { client, asked }
}

const keysOf = (asked: Request[]) => asked.map(({ headers }) => headers.get('idempotency-key'))

async function versionOf(path: string): Promise<string> {
  const { version } = JSON.parse(await readFile(new URL(`../../${path}`, import.meta.url), 'utf8'))
  return String(version)
}

t.test('its version is that of the gateway', async (t) => {
  t.equal(await versionOf('openapi/clients/typescript/package.json'), await versionOf('package.json'))
})

t.test(
  'a request whose answer is lost is sent again with the same key, so that it is paid once',
  async (t) => {
    const { client, asked } = clientOf([
      noConnection,
      () => new Response('<html>', { status: 502 }),
      () => problem(409, 'idempotency_in_progress'),
      () => problem(503, 'overloaded', { 'retry-after': '0' }),
      () => state('queued', 0),
    ])
    t.equal((await client.generate({ prompt: 'a boat' })).id, 'gen_1')
    t.equal(asked.length, 5)
    const [first, ...others] = keysOf(asked)
    t.match(first, /^client-[0-9a-f]{32}$/)
    t.same(new Set(others), new Set([first]))
  },
)

t.test('each call has a key of its own, unless the caller names one', async (t) => {
  const { client, asked } = clientOf([() => state('queued', 0)])
  await client.generate({ prompt: 'a boat' })
  await client.generate({ prompt: 'a boat' })
  await client.generate({ prompt: 'a boat' }, { idempotencyKey: 'order-7' })
  const [first, second, third] = keysOf(asked)
  t.not(first, second)
  t.equal(third, 'order-7')
})

t.test('what has no key is only sent again where the gateway says that it did nothing', async (t) => {
  const file = { content: new Blob(['x']), fileName: 'a.mp4' }
  const unclear: [Answer, string][] = [
    [noConnection, 'unreachable'],
    [() => new Response('<html>', { status: 502 }), 'unreadable'],
    [() => new Response('<html>', { status: 503 }), 'unreadable'],
  ]
  for (const [answer, code] of unclear) {
    const { client, asked } = clientOf([answer])
    await t.rejects(client.uploadCharacter({ name: 'mossy' }, file), { code })
    t.equal(asked.length, 1, code)
  }
  const busy = clientOf([() => problem(503, 'overloaded'), () => json(201, { id: 'char_1' })])
  t.match(await busy.client.uploadCharacter({ name: 'mossy' }, file), { id: 'char_1' })
})

t.test('tries are counted, and a long Retry-After is left to the caller', async (t) => {
  const gone = clientOf([noConnection], { tries: 3, firstPauseMs: 1 })
  const error = await gone.client.download('gen_1').catch((cause: unknown) => cause)
  t.ok(error instanceof UnreachableError)
  t.equal(gone.asked.length, 3)
  const limited = clientOf([() => problem(429, 'rate_limited', { 'retry-after': '3600' })])
  await t.rejects(limited.client.generate({ prompt: 'a boat' }), {
    code: 'rate_limited',
    retryAfterSeconds: 3600,
  })
  t.equal(limited.asked.length, 1)
})

t.test('what does not pass is thrown at once', async (t) => {
  for (const [status, code] of [
    [400, 'validation_failed'],
    [402, 'budget_exceeded'],
    [422, 'idempotency_key_reused'],
    [500, 'internal'],
  ] as const) {
    const { client, asked } = clientOf([() => problem(status, code)])
    const error = await client.generate({ prompt: 'a boat' }).catch((cause: unknown) => cause)
    t.ok(error instanceof UnderstudyError)
    t.match(error, { status, code, requestId: 'req_1' })
    t.equal(asked.length, 1)
  }
})

t.test('the caller ends the retries', async (t) => {
  const { client, asked } = clientOf([noConnection], { firstPauseMs: 60_000 })
  const stop = new AbortController()
  const ended = client.generate({ prompt: 'a boat' }, { signal: stop.signal })
  setImmediate(() => stop.abort(new Error('enough')))
  await t.rejects(ended, /enough/)
  t.equal(asked.length, 1)
})

t.test('it waits to the end, tells the progress, and passes over what passes by itself', async (t) => {
  const { client, asked } = clientOf([
    () => state('queued', 0),
    noConnection,
    () => problem(503, 'overloaded', { 'retry-after': '0' }),
    () => state('in_progress', 40),
    () => state('in_progress', 40),
    () => state('completed', 100),
  ])
  const seen: number[] = []
  const done = await client.generateAndWait(
    { prompt: 'a boat' },
    { onProgress: ({ progress }) => seen.push(progress) },
  )
  t.equal(done.status, 'completed')
  t.same(seen, [40, 100])
  t.equal(asked[1]?.url, 'http://gateway.test/generations/gen_1?wait=30')
  t.equal(asked[1]?.headers.get('authorization'), 'Bearer key')
})

t.test('a generation that ended without a video is an error with its code', async (t) => {
  const error = { code: 'content_refused', message: 'Refused.' }
  const { client } = clientOf([() => state('failed', 0, { error })])
  const thrown = await client.wait('gen_1').catch((cause: unknown) => cause)
  t.ok(thrown instanceof GenerationFailedError)
  t.match(thrown, { code: 'content_refused', message: 'Refused.' })
})

t.test('time and the caller end the waiting', async (t) => {
  const { client } = clientOf([noConnection])
  const thrown = await client.wait('gen_1', { timeoutMs: 20 }).catch((cause: unknown) => cause)
  t.ok(thrown instanceof WaitTimeoutError)
  const signal = AbortSignal.abort(new Error('enough'))
  await t.rejects(client.wait('gen_1', { signal }), /enough/)
})

t.test('files go as forms', async (t) => {
  const { client, asked } = clientOf([() => state('queued', 0)])
  const reference = { content: new Blob(['x'], { type: 'image/png' }), fileName: 'a.png', influence: 0.5 }
  await client.generate({ prompt: 'a boat', routing: { fallback: false } }, { reference })
  const form = await asked[0]?.formData()
  t.equal(form?.get('prompt'), 'a boat')
  t.equal(form?.get('routing'), '{"fallback":false}')
  t.match(form?.get('reference'), { name: 'a.png' })
})
