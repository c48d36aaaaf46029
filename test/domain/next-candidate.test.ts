import * as fc from 'fast-check'
import t from 'tap'
import type { Attempt } from '../../src/gateway/domain/generation/generation.ts'
import { nextCandidate } from '../../src/gateway/domain/routing/next-candidate.ts'
import type { NextCandidate } from '../../src/gateway/domain/routing/next-candidate.ts'
import { route } from '../../src/gateway/domain/routing/routing.ts'
import type { UpstreamView } from '../../src/gateway/domain/routing/upstream.ts'
import {
  aCandidate,
  aFailure,
  aGeneration,
  anAttempt,
  aPolicy,
  aRequest,
  aView,
  DEADLINE_MS,
  open,
  SECOND,
  T0,
} from './builders.ts'
import { request, failedAt, after } from './attempt-history.ts'

const price = { type: 'per_request' as const, micros: 120_000 }

/** The upstreams `a`, `b` and `c` of the usual plan in their current state. */
function now(changed: Record<string, UpstreamView | null> = {}): Map<string, UpstreamView> {
  const views = new Map<string, UpstreamView>()
  for (const id of ['a', 'b', 'c']) {
    const view = changed[id] === undefined ? aView({ id, kind: 'reverse', price }) : changed[id]
    if (view !== null) views.set(id, view)
  }
  return views
}

function chosen(next: NextCandidate): string {
  switch (next.type) {
    case 'start':
      return next.candidate.upstream
    case 'wait':
      return `wait ${(next.until - T0) / SECOND} s`
    case 'exhausted':
      return next.error.code
  }
}

t.test('the plan is followed in its order', async (t) => {
  t.equal(chosen(nextCandidate(after([]), request, now(), T0)), 'a')
  t.equal(chosen(nextCandidate(after([failedAt('a', 'upstream_down')]), request, now(), T0)), 'b')
  const two = [failedAt('a', 'upstream_down'), failedAt('b', 'job_failed')]
  t.equal(chosen(nextCandidate(after(two), request, now(), T0)), 'c')
})

t.test('those on standby come after the candidates, once nothing stands in their way', async (t) => {
  const usual = aGeneration().plan
  const plan = { ...usual, candidates: usual.candidates.slice(1), standby: usual.candidates.slice(0, 1) }
  const first = nextCandidate(after([], { plan }), request, now(), T0)
  t.equal(chosen(first), 'b')
  const both = [failedAt('b', 'lost'), failedAt('c', 'lost')]
  t.equal(chosen(nextCandidate(after(both, { plan }), request, now(), T0)), 'a')
})

t.test('an upstream that is not in the plan is never used', async (t) => {
  const plan = { ...aGeneration().plan, candidates: [aCandidate({ upstream: 'b' })] }
  t.equal(chosen(nextCandidate(after([], { plan }), request, now(), T0)), 'b')
  const used = after([failedAt('b', 'lost')], { plan })
  t.equal(chosen(nextCandidate(used, request, now(), T0)), 'upstream_failed')
})

t.test('what is true now decides: the next candidate is checked again by every filter', async (t) => {
  const rows: Array<[string, UpstreamView | null]> = [
    ['no longer configured', null],
    ['switched off', aView({ id: 'a' }, { enabled: false })],
    ['its breaker opened', aView({ id: 'a' }, { breakers: { create: open(T0 + SECOND) } })],
    ['its slots are taken', aView({ id: 'a' }, { freeSlots: 0 })],
    ['it lost the model', aView({ id: 'a', models: {} })],
    ['its kind changed under the key’s floor', aView({ id: 'a', kind: 'self_hosted' })],
  ]
  for (const [why, view] of rows) {
    const generation = after([], { allow: ['reverse', 'official'] })
    t.equal(chosen(nextCandidate(generation, request, now({ a: view }), T0)), 'b', why)
  }
})

t.test('the floor of the key holds to the last candidate', async (t) => {
  for (const floor of [
    { allow: ['official' as const] },
    { allowUpstreams: ['x'] },
    { allowModels: ['veo-3'] },
  ]) {
    const generation = after([], floor)
    t.equal(chosen(nextCandidate(generation, request, now(), T0)), 'no_upstream', JSON.stringify(floor))
  }
  const second = after([failedAt('a', 'lost')], { allowUpstreams: ['a', 'c'] })
  t.equal(chosen(nextCandidate(second, request, now(), T0)), 'c', 'falling back too')
})

t.test('a candidate is asked for what it takes and costs now', async (t) => {
  const view = aView({ id: 'a', models: { 'sora-2': 'theirs' }, durations: [4, 12], price })
  const next = nextCandidate(after([]), request, now({ a: view }), T0)
  t.match(next, {
    type: 'start',
    candidate: { upstream: 'a', model: 'theirs', durationSeconds: 12 },
    warnings: [{ code: 'duration_adjusted' }],
  })
})

t.test('an upstream is tried again only after it definitely did not take the job', async (t) => {
  const plan = { ...aGeneration().plan, candidates: [aCandidate()] }
  const rows: Array<[Parameters<typeof aFailure>[0], string]> = [
    ['never_sent', 'wait 1 s'],
    ['overloaded', 'wait 1 s'],
    ['upstream_down', 'upstream_failed'],
    ['job_failed', 'upstream_failed'],
    ['lost', 'upstream_failed'],
    ['invalid', 'invalid_request'],
    ['character_invalid', 'character_unavailable'],
  ]
  for (const [code, expected] of rows) {
    const generation = after([failedAt('a', code)], { plan })
    t.equal(chosen(nextCandidate(generation, request, now(), T0)), expected, code)
  }
})

t.test('an upstream whose outcome is open is never asked a second time', async (t) => {
  const plan = { ...aGeneration().plan, candidates: [aCandidate()] }
  for (const state of ['unknown', 'abandoned', 'running', 'submitting'] as const) {
    const failure = aFailure('outcome_unknown', { fallback: false })
    const generation = after([anAttempt({ upstream: 'a', state, failure })], { plan })
    t.equal(chosen(nextCandidate(generation, request, now(), T0 + 3600)), 'outcome_unknown', state)
  }
})

t.test(
  'one that said "not now" is passed over for the next, and waited for when there is none',
  async (t) => {
    const busy = failedAt('a', 'overloaded')
    t.equal(chosen(nextCandidate(after([busy]), request, now(), T0)), 'b')
    const all = [busy, failedAt('b', 'overloaded'), failedAt('c', 'upstream_down')]
    t.equal(chosen(nextCandidate(after(all), request, now(), T0)), 'wait 1 s')
    t.equal(chosen(nextCandidate(after(all), request, now(), T0 + SECOND)), 'a')
  },
)

t.test(
  'a pause grows with each try, is at least what the upstream asks for, and ends after twenty',
  async (t) => {
    const plan = { ...aGeneration().plan, candidates: [aCandidate()] }
    const tries = (count: number, failure = aFailure('overloaded')): string =>
      chosen(
        nextCandidate(
          after(
            Array.from({ length: count }, () => failedAt('a', 'overloaded', { failure })),
            { plan },
          ),
          request,
          now(),
          T0,
        ),
      )
    t.same(
      [1, 2, 3, 4, 5].map((count) => tries(count)),
      ['wait 1 s', 'wait 2 s', 'wait 4 s', 'wait 8 s', 'wait 16 s'],
    )
    t.equal(tries(19), 'wait 120 s')
    t.equal(tries(20), 'upstream_failed')
    t.equal(tries(1, aFailure('overloaded', { retryAfterMs: 60 * SECOND })), 'wait 60 s')
    t.equal(tries(5, aFailure('overloaded', { retryAfterMs: 2 * SECOND })), 'wait 16 s')
  },
)

t.test('nothing is waited for past the deadline', async (t) => {
  const plan = { ...aGeneration().plan, candidates: [aCandidate()] }
  const asking = (retryAfterMs: number): string => {
    const failure = aFailure('overloaded', { retryAfterMs })
    return chosen(
      nextCandidate(after([failedAt('a', 'overloaded', { failure })], { plan }), request, now(), T0),
    )
  }
  t.equal(asking(DEADLINE_MS - 1), `wait ${(DEADLINE_MS - 1) / SECOND} s`)
  t.equal(asking(DEADLINE_MS), 'upstream_failed')
  const broken = aView({ id: 'a' }, { breakers: { create: open(T0 + DEADLINE_MS) } })
  t.equal(chosen(nextCandidate(after([], { plan }), request, now({ a: broken }), T0)), 'no_upstream')
})

t.test(
  'an open breaker is waited for until its probe, ten seconds at most until somebody may have reset it, full slots for a moment',
  async (t) => {
    const plan = { ...aGeneration().plan, candidates: [], standby: [aCandidate()] }
    const waiting = (view: UpstreamView): string =>
      chosen(nextCandidate(after([], { plan }), request, now({ a: view }), T0))
    t.equal(waiting(aView({ id: 'a' }, { breakers: { create: open(T0 + 30 * SECOND) } })), 'wait 10 s')
    t.equal(waiting(aView({ id: 'a' }, { breakers: { create: open(T0 + 5 * SECOND) } })), 'wait 5 s')
    t.equal(waiting(aView({ id: 'a' }, { breakers: { create: open(null) } })), 'wait 1 s')
    t.equal(waiting(aView({ id: 'a' }, { freeSlots: 0 })), 'wait 1 s')
    t.equal(waiting(aView({ id: 'a' }, { breakers: { create: open(T0 - SECOND) } })), 'wait 0.001 s')
  },
)

t.test(
  'work waits for what an operator paused or disabled, and says so; nothing is tried there',
  async (t) => {
    const pause = { target: 'a', reason: 'out of credit', since: 0, until: null, by: 'ops' }
    const rows = [
      [{ pause }, 'upstream_paused', 'a: The upstream is paused: out of credit'],
      [
        { pause: { ...pause, until: T0 + 3600 * SECOND } },
        'upstream_paused',
        'a: The upstream is paused: out of credit',
      ],
      [{ enabled: false }, 'upstream_disabled', 'a: The upstream is disabled.'],
    ] as const
    for (const [state, code, detail] of rows) {
      const views = new Map([['a', aView({ id: 'a' }, state)]])
      t.match(nextCandidate(after([]), request, views, T0), {
        type: 'wait',
        until: T0 + SECOND,
        warnings: [{ code, detail }],
      })
      const late = nextCandidate({ ...after([]), deadlineAt: T0 + SECOND / 2 }, request, views, T0)
      t.match(late, { type: 'exhausted', error: { code: 'no_upstream', message: new RegExp(detail) } })
    }
  },
)

t.test('the first to become free is waited for', async (t) => {
  const views = now({
    a: aView({ id: 'a' }, { breakers: { create: open(T0 + 8 * SECOND) } }),
    b: aView({ id: 'b' }, { breakers: { create: open(T0 + 6 * SECOND) } }),
    c: aView({ id: 'c' }, { enabled: false }),
  })
  t.equal(chosen(nextCandidate(after([]), request, views, T0)), 'wait 6 s')
})

function ceiling(attempts: Attempt[]): string {
  const asked = aRequest({ maxCostMicros: 240_000 })
  return chosen(nextCandidate(after(attempts, { request: asked }), request, now(), T0))
}

t.test('the ceiling counts what was paid and what may still have to be', async (t) => {
  t.equal(ceiling([failedAt('a', 'lost', { costMicros: 0 })]), 'b', 'nothing was paid')
  t.equal(ceiling([failedAt('a', 'lost', { costMicros: 120_000 })]), 'b', 'exactly enough is left')
  t.equal(ceiling([failedAt('a', 'lost', { costMicros: 120_001 })]), 'budget_exceeded')
  const open = anAttempt({ upstream: 'a', state: 'unknown', reservedMicros: 120_001 })
  t.equal(ceiling([open]), 'budget_exceeded', 'an open outcome may still be charged')
  const two = [failedAt('a', 'lost', { costMicros: 120_000 }), failedAt('b', 'lost', { costMicros: 1 })]
  t.equal(ceiling(two), 'budget_exceeded')
})

t.test('at the end the caller is told the last failure', async (t) => {
  const all = [failedAt('a', 'overloaded'), failedAt('b', 'lost'), failedAt('c', 'upstream_down')]
  const generation = after(all, { deadlineAt: T0 + 1 })
  const failure = { code: 'upstream_failed', message: 'it was upstream_down' }
  t.match(nextCandidate(generation, request, now(), T0), { type: 'exhausted', error: failure })
  t.equal(chosen(nextCandidate(after([]), request, new Map(), T0)), 'no_upstream')
})

t.test('the first candidate of a fresh plan is what starts', async () => {
  const views = ['a', 'b', 'c'].map((id) =>
    fc.record({
      id: fc.constant(id),
      kind: fc.constantFrom('official' as const, 'reverse' as const),
      micros: fc.constantFrom(0, 120_000, 900_000),
      free: fc.constantFrom(null, 0, 1),
      open: fc.boolean(),
    }),
  )
  fc.assert(
    fc.property(fc.tuple(...views), fc.constantFrom('cost', 'stability'), (described, priority) => {
      const upstreams = described.map(({ id, kind, micros, free, open: broken }) =>
        aView(
          { id, kind, price: { type: 'per_request', micros } },
          { freeSlots: free, breakers: broken ? { create: open(T0 + 30 * SECOND) } : {} },
        ),
      )
      const decision = route(request, upstreams, aPolicy({ priority }))
      if (decision.type !== 'plan') throw new Error('no plan')
      const { plan } = decision
      const views = new Map(upstreams.map((view) => [view.spec.id, view]))
      const next = nextCandidate(after([], { plan }), request, views, T0)
      const [first] = plan.candidates
      if (first === undefined ? next.type !== 'wait' : chosen(next) !== first.upstream)
        throw new Error(`${chosen(next)} instead of ${first?.upstream}`)
    }),
  )
})

t.test('whatever was tried, the next one keeps the floor, the ceiling and the pauses', async () => {
  const codes = [
    'never_sent',
    'overloaded',
    'upstream_down',
    'job_failed',
    'lost',
    'character_invalid',
  ] as const
  const attempts = fc.array(
    fc.record({
      upstream: fc.constantFrom('a', 'b', 'c'),
      code: fc.constantFrom(...codes),
      costMicros: fc.constantFrom(0, 120_000),
      state: fc.constantFrom('failed' as const, 'failed' as const, 'unknown' as const),
    }),
    { maxLength: 8 },
  )
  const ceilings = fc.option(fc.constantFrom(120_000, 240_000, 600_000))
  const kinds = fc.tuple(
    ...['a', 'b', 'c'].map(() => fc.constantFrom('official' as const, 'reverse' as const)),
  )
  fc.assert(
    fc.property(
      attempts,
      ceilings,
      kinds,
      fc.integer({ min: 0, max: 40_000 }),
      (tried, max, kinds, waited) => {
        const generation = after(
          tried.map(({ upstream, code, costMicros, state }) =>
            state === 'failed'
              ? failedAt(upstream, code, { costMicros })
              : anAttempt({ upstream, state, failure: aFailure('outcome_unknown') }),
          ),
          { allow: ['reverse'], request: aRequest({ maxCostMicros: max }) },
        )
        const views = new Map(
          ['a', 'b', 'c'].map((id, index) => [id, aView({ id, kind: kinds[index] ?? 'official', price })]),
        )
        const next = nextCandidate(generation, request, views, T0 + waited)
        if (next.type !== 'start') return next.type === 'exhausted' || next.until > T0 + waited
        const { candidate } = next
        const before = generation.attempts.filter(({ upstream }) => upstream === candidate.upstream)
        const spent = generation.attempts.reduce(
          (sum, { costState, costMicros, reservedMicros }) =>
            sum + (costState === 'settled' ? costMicros : reservedMicros),
          0,
        )
        const last = before.at(-1)
        const again = last?.failure?.code === 'never_sent' || last?.failure?.code === 'overloaded'
        return (
          candidate.kind === 'reverse' &&
          (max === null || spent + candidate.estimatedCostMicros <= max) &&
          before.length < 6 &&
          (last === undefined || (last.state === 'failed' && again && waited >= SECOND))
        )
      },
    ),
    { numRuns: 500 },
  )
})

const told = (next: NextCandidate) =>
  next.type === 'start' ? next.warnings.filter(({ code }) => code === 'series_upstream_changed') : next

t.test('whoever leaves the upstream of the preferred generation is told so, and why', async (t) => {
  const aside = aGeneration().request
  const stays = {
    request: {
      ...aside,
      routing: { ...aside.routing, prefer: { generation: 'gen_1' as const, upstream: 'a' } },
    },
  }
  t.same(told(nextCandidate(after([], stays), request, now(), T0)), [])
  const failed = told(nextCandidate(after([failedAt('a', 'job_failed')], stays), request, now(), T0))
  t.match(failed, [{ detail: /^Rendered on b, and not on a as gen_1: job_failed: / }])
  const broken = now({
    a: aView(
      { id: 'a', kind: 'reverse', price },
      { breakers: { create: open(), poll: open(), fetch: open(), character: open() } },
    ),
  })
  t.match(told(nextCandidate(after([], stays), request, broken, T0)), [{ detail: /breaker_open/ }])
  t.match(told(nextCandidate(after([], stays), request, now({ a: null }), T0)), [
    { detail: /no longer configured/ },
  ])
})
