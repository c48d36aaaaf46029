import t from 'tap'
import { RefusedError } from '../../src/cli/gateway/api.ts'
import { isShortOutage, keepTrying } from '../../src/cli/gateway/keep-trying.ts'
import { CliError, exitCodes } from '../../src/cli/output/terminal.ts'
import { checksOf } from '../../src/cli/verify/checks.ts'
import { fixtureOf } from '../../src/cli/verify/fixture.ts'
import { verified } from '../../src/cli/verify/shapes.ts'
import { shortestClip } from '../../src/cli/verify/shortest-clip.ts'

const pictures = (sizes: string[] | null, durations: number[] | null, more: object = {}) => ({
  resolution: null,
  aspect_ratios: null,
  sizes,
  lengths: [{ inputs: null, durations, max_seconds: null, ...more }],
  prices: [],
})

t.test('the shortest clip without inputs is asked for, in its smallest size', async (t) => {
  const hd = pictures(['1920x1080', '1080x1920'], [5, 4])
  const sd = pictures(['1280x720', '640x360'], [8, 4])
  t.same(shortestClip({ pictures: [hd, sd] }, null), { duration: 4, size: '640x360' })
  t.same(shortestClip({ pictures: [hd, sd] }, 9), { duration: 9, size: '640x360' })
  t.same(shortestClip({ pictures: [pictures(null, null)] }, null), { duration: 4, size: null })
  t.same(shortestClip({ pictures: [pictures(null, null, { max_seconds: 3 })] }, null), {
    duration: 3,
    size: null,
  })
  t.equal(shortestClip({ pictures: [pictures(null, [5], { inputs: ['first_frame'] })] }, null), null)
  t.equal(shortestClip({ pictures: [] }, null), null)
})

function ended(attempt: object = {}, more: object = {}) {
  const route = {
    priority: 'cost',
    candidates: [],
    excluded: [],
    estimated_cost_usd: 1,
    worst_case_cost_usd: 1,
  }
  return verified.parse({
    id: 'gen_1',
    tenant: 'studio',
    status: 'completed',
    progress: 100,
    route,
    attempts: [
      {
        upstream: 'a',
        kind: 'official',
        state: 'succeeded',
        upstream_id: 'job-1',
        failure: null,
        cost_usd: 1,
        cost_state: 'settled',
        vendor_cost_usd: null,
        vendor_usage: null,
        expected_cost_usd: 1,
        ...attempt,
      },
    ],
    cost_usd: 1,
    reserved_cost_usd: 0,
    warnings: [],
    video: { bytes: 1 },
    error: null,
    ...more,
  })
}

const clip = { duration: 4, size: '1280x720' }
const good = { duration: 4, width: 1280, height: 720 }
const results = (...given: Parameters<typeof checksOf>) =>
  Object.fromEntries(checksOf(...given).map(({ name, result }) => [name, result]))

t.test('length and size may be rounded as vendors do, and not more', async (t) => {
  const cases: Array<[measured: Parameters<typeof checksOf>[3], length: string, size: string]> = [
    [good, 'ok', 'ok'],
    [{ ...good, duration: 4.25 }, 'ok', 'ok'],
    [{ ...good, duration: 4.3 }, 'failed', 'ok'],
    [{ ...good, duration: 3.7 }, 'failed', 'ok'],
    [{ ...good, width: 1248, height: 704 }, 'ok', 'ok'],
    [{ ...good, width: 1920, height: 1080 }, 'ok', 'failed'],
    [{ ...good, width: 720, height: 1280 }, 'ok', 'failed'],
    [null, 'failed', 'failed'],
  ]
  for (const [measured, length, size] of cases)
    t.match(results(ended(), [], clip, measured), { answers: 'ok', length, size }, JSON.stringify(measured))
  t.match(results(ended(), [], { duration: 4, size: null }, good), { size: 'unknown' })
})

t.test('a charge that differs fails, and one that nobody can compare does not', async (t) => {
  const warnings = [{ code: 'cost_differs', detail: '' }]
  const usage = { amount: 9, unit: 'tokens' }
  t.match(results(ended({ vendor_cost_usd: 1 }), [], clip, good), { charge: 'ok' })
  t.match(results(ended({ vendor_cost_usd: 2 }, { warnings }), [], clip, good), { charge: 'failed' })
  t.match(results(ended({ vendor_usage: usage }), [], clip, good), { charge: 'unknown' })
  t.match(results(ended(), [], clip, good), { charge: 'unknown' })
})

t.test('without a video the reason is told, and nothing is said of its length', async (t) => {
  const failure = { code: 'refused', message: 'No.' }
  const checks = checksOf(ended({ failure }, { status: 'failed', video: null }), [], clip, null)
  t.match(checks, [
    { name: 'answers', result: 'failed', detail: 'refused: No.' },
    { name: 'charge', result: 'unknown' },
  ])
})

const answer = (operation: string, path: string, body: string | null, ending = 'answered') => ({
  operation,
  path,
  ending,
  status: 200,
  headers: {},
  body,
})

t.test('a fixture holds the answers in their order, without signatures of addresses', async (t) => {
  const { answers } = fixtureOf('a boat', clip, [
    answer('create', '/jobs', '{"id":"j"}'),
    answer('poll', '/jobs/j', null, 'no_answer'),
    answer('poll', '/jobs/j', '{"state":"done"}'),
    answer(
      'poll',
      '/results/j',
      '{"url":"https://cdn.example/v.mp4?sig=abc&e=1","next":"http://x.example/#t"}',
    ),
    answer('fetch', 'https://cdn.example/v.mp4?sig=abc', null),
  ])
  t.same(answers, {
    create: [{ status: 200, body: { id: 'j' } }],
    poll: [{ status: 200, body: { state: 'done' } }],
    result: [{ status: 200, body: { url: 'https://cdn.example/v.mp4', next: 'http://x.example/' } }],
  })
})

const refused = (status: number) => new RefusedError(status, 'no', undefined)

t.test('a busy gateway is waited for; any other error is not', async (t) => {
  const { signal } = new AbortController()
  for (const status of [429, 503]) t.ok(isShortOutage(refused(status)))
  for (const status of [400, 401, 402, 404, 500]) t.notOk(isShortOutage(refused(status)))
  t.ok(isShortOutage(new CliError(exitCodes.unreachable, 'no')))
  t.notOk(isShortOutage(new Error('no')))
  const errors: Error[] = [refused(503), new CliError(exitCodes.unreachable, 'no')]
  const request = async () => {
    const next = errors.shift()
    if (next !== undefined) throw next
    return 'answer'
  }
  t.equal(await keepTrying(request, signal), 'answer')
  errors.push(refused(404))
  await t.rejects(keepTrying(request, signal), refused(404))
})
