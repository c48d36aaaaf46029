import t from 'tap'
import type { Case, Render, Violation } from './case.ts'
import { checkCase } from './check-case.ts'
import { faultsOf } from './follower.ts'
import type { Followed } from './follower.ts'
import { ledgerOf, sumsOf } from './ledger.ts'
import { framesOf } from './shown.ts'
import type { ShownAttempt, ShownEvent } from './shown.ts'
import { checkUsage } from './check-usage.ts'

const began = Date.parse('2026-11-22T10:00:00Z')
const at = (seconds: number): string => new Date(began + seconds * 1000).toISOString()

function render(id: string, upstream: string, fromSeconds: number, more: Partial<Render> = {}): Render {
  return {
    id,
    upstream,
    model: 'sora-2',
    prompt: 'walks tk1',
    seconds: 4,
    size: '320x240',
    characters: [],
    reference: null,
    extras: {},
    influenceStrength: null,
    state: 'completed',
    progress: 100,
    failure: null,
    billedUsd: 0.12,
    createdAt: began + fromSeconds * 1000,
    endedAt: began + (fromSeconds + 2) * 1000,
    ...more,
  }
}

function attempt(id: string, upstreamId: string | null, more: Partial<ShownAttempt> = {}): ShownAttempt {
  return {
    id,
    upstream: 'reseller',
    kind: 'reverse',
    state: 'succeeded',
    upstream_id: upstreamId,
    fidelity: null,
    started_at: at(1),
    failure: null,
    cost_usd: 0.12,
    cost_state: 'settled',
    ...more,
  }
}

function logOf(...types: [string, object?][]): ShownEvent[] {
  return types.map(([type, more], index) => ({ seq: index + 1, type, at: at(index), ...more }))
}

/** One generation: rendered once, paid once, delivered and reported. */
function aCase(): Case {
  return {
    generation: {
      id: 'gen_1',
      status: 'completed',
      prompt: 'walks tk1',
      attempts: [attempt('att_1', 'task_1')],
      cost_usd: 0.12,
      reserved_cost_usd: 0,
      warnings: [],
      video: { url: '/generations/gen_1/video', bytes: 9, sha256: 'abc' },
      error: null,
      created_at: at(0),
    },
    key: 'studio',
    asked: {
      token: 'tk1',
      key: 'studio',
      onUnknown: 'fail',
      maxCostUsd: 1,
      reference: null,
      id: 'gen_1',
      refusedWith: null,
      lostAnswer: false,
    },
    events: logOf(
      ['generation.queued'],
      ['attempt.started', { attempt: 'att_1' }],
      ['attempt.submitting', { attempt: 'att_1' }],
      ['attempt.accepted', { attempt: 'att_1' }],
      ['attempt.archiving', { attempt: 'att_1' }],
      ['attempt.succeeded', { attempt: 'att_1' }],
      ['generation.completed'],
    ),
    renders: [render('task_1', 'reseller', 1)],
    isDeleted: false,
  }
}

function followed(seen: ShownEvent[], more: Partial<Followed> = {}): Followed {
  return { id: 'gen_1', seen, resumed: 0, end: 'told', oddIds: [], ...more }
}

const isTwice = ({ kind }: Violation): boolean => kind === 'rendered twice'

const wrongs: Array<readonly [Violation['kind'], string, (each: Case) => void]> = [
  ['rendered twice', 'a second job', ({ renders }) => renders.push(render('task_2', 'reseller', 2))],
  ['lost', 'a job that no attempt knows of', ({ renders }) => renders.push(render('video_2', 'official', 5))],
  ['lost', 'a job that nobody made', (each) => (each.renders = [])],
  [
    'lost',
    'a rendered job that is told as failed',
    ({ generation: { attempts } }) =>
      (attempts[0] = attempt('att_1', 'task_1', {
        state: 'failed',
        failure: { code: 'job_failed', message: '' },
      })),
  ],
  ['lost', 'completed without a video', ({ generation }) => (generation.video = null)],
  ['stuck', 'not ended', ({ generation }) => (generation.status = 'in_progress')],
  ['stuck', 'an attempt not ended', ({ generation: { attempts } }) => (attempts[0]!.state = 'abandoned')],
  ['ledger', 'settled at another price', ({ generation: { attempts } }) => (attempts[0]!.cost_usd = 0.2)],
  ['ledger', 'the sum of its attempts', ({ generation }) => (generation.cost_usd = 0.24)],
  ['ledger', 'dearer than allowed', ({ asked }) => (asked!.maxCostUsd = 0.1)],
  ['ledger', 'never settled', ({ generation: { attempts } }) => (attempts[0]!.cost_state = 'reserved')],
  [
    'verdict',
    'a job given up',
    ({ generation: { attempts } }) =>
      (attempts[0] = attempt('att_1', 'task_1', { state: 'failed', failure: { code: 'lost', message: '' } })),
  ],
  ['floor', 'official was asked for', (each) => (each.key = 'bank')],
  ['reference', 'shown nothing', ({ asked }) => (asked!.reference = 'image')],
  ['history', 'an event too few', ({ events }) => events!.splice(3, 1)],
  ['history', 'two ends', ({ events }) => events!.push({ ...events!.at(-1)!, seq: 8 })],
  [
    'history',
    'two creates',
    ({ events }) => events!.push({ seq: 8, at: at(8), type: 'attempt.submitting', attempt: 'att_1' }),
  ],
  ['caller', 'nobody asked', (each) => (each.asked = undefined)],
  ['caller', 'refused', ({ asked }) => (asked!.refusedWith = 507)],
]

t.test('the checker has nothing to say of a generation that went well', async (t) => {
  t.same(checkCase(aCase()), [])
})

for (const [kind, what, spoil] of wrongs) {
  t.test(`the checker sees: ${kind}, ${what}`, async (t) => {
    const spoilt = aCase()
    spoil(spoilt)
    t.ok(
      checkCase(spoilt).some((violation) => violation.kind === kind),
      JSON.stringify(checkCase(spoilt)),
    )
  })
}

t.test(
  'two renders are right after a definite failure, and with the caller’s leave if it was warned',
  async (t) => {
    const again = aCase()
    again.renders[0] = render('task_1', 'reseller', 1, { state: 'failed', billedUsd: 0 })
    again.renders.push(render('video_2', 'official', 4, { billedUsd: 0.4 }))
    again.generation.attempts = [
      attempt('att_1', 'task_1', {
        state: 'failed',
        failure: { code: 'job_failed', message: '' },
        cost_usd: 0,
      }),
      attempt('att_2', 'video_2', { upstream: 'official', kind: 'official', cost_usd: 0.4 }),
    ]
    again.generation.cost_usd = 0.4
    t.notOk(checkCase(again).some(isTwice))

    again.renders[0] = render('task_1', 'reseller', 1)
    t.ok(checkCase(again).some(isTwice))
    again.asked!.onUnknown = 'fallback'
    t.ok(checkCase(again).some(isTwice), 'without a warning')
    again.generation.warnings = [{ code: 'two_bills_possible', detail: '' }]
    t.notOk(checkCase(again).some(isTwice))
  },
)

t.test('the ledger counts what no attempt may have made, and what a deleted generation cost', async (t) => {
  const simulator: any = { control: { bill: () => ({ totalUsd: 0.52 }) } }
  const gone = { ...aCase(), isDeleted: true }
  t.match(ledgerOf([gone], simulator), { settledUsd: 0.12, differenceUsd: 0, deletedUsd: { settled: 0.12 } })
  gone.renders.push(render('video_2', 'official', 5, { billedUsd: 0.4 }))
  t.equal(ledgerOf([gone], simulator).differenceUsd, 0.4)
})

t.test('a follower’s gap, repetition, other event, odd id and missing end are seen', async (t) => {
  const log = aCase().events!
  t.same(faultsOf(followed(log), log), [])
  t.same(faultsOf(followed(log.slice(0, 3), { end: 'gone' }), log), [], 'as far as it got')
  t.equal(faultsOf(followed(log.toSpliced(2, 1)), log).length, 1)
  t.equal(faultsOf(followed(log.toSpliced(2, 0, log[1]!)), log).length, 1)
  t.equal(faultsOf(followed(log.with(2, { ...log[2]!, at: at(99) })), log).length, 1)
  t.equal(faultsOf(followed(log, { oddIds: ['3 of 2'] }), log).length, 1)
  t.equal(faultsOf(followed(log.slice(0, 3), { end: 'open' }), log).length, 1)
})

t.test('half a frame of an event stream waits for its other half', async (t) => {
  const frame = 'id: 1\nevent: generation.queued\ndata: {"seq":1,"type":"generation.queued","at":"x"}\n\n'
  t.match(framesOf(`: open\n\n${frame}${frame.slice(0, 30)}`), {
    frames: [{ id: '1', event: { seq: 1, type: 'generation.queued' } }],
    rest: frame.slice(0, 30),
  })
})

function reports(cost: number, reserved: number) {
  return new Map([['studio', { cost_usd: cost, reserved_cost_usd: reserved }]])
}

t.test('a usage report that never had the sum of the attempts is seen', async (t) => {
  const cases = [aCase()]
  const { settled } = sumsOf(cases)
  const paid = settled / 1e6
  t.same(checkUsage(reports(paid, 0), reports(paid, 0), cases), [])
  t.same(checkUsage(reports(0, paid), reports(paid, 0), cases), [], 'settled while it was read')
  t.match(checkUsage(reports(0, 0), reports(0, 0), cases), [{ kind: 'usage report' }])
  t.match(checkUsage(reports(paid + 1, 0), reports(paid + 1, 0), cases), [{ kind: 'usage report' }])
  t.match(checkUsage(new Map([['studio', undefined]]), reports(paid, 0), cases), [{ kind: 'usage report' }])
})
