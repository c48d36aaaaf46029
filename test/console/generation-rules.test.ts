import * as fc from 'fast-check'
import t from 'tap'
import { phasesOf } from '../../src/console/src/rules/attempt-phases.ts'
import { foldEvents } from '../../src/console/src/rules/fold-events.ts'
import { generationMoney } from '../../src/console/src/rules/generation-money.ts'
import { markedPrompt } from '../../src/console/src/rules/marked-prompt.ts'
import { settlementOf, verdictsFor } from '../../src/console/src/rules/settlement.ts'
import { timeAxis } from '../../src/console/src/rules/time-axis.ts'
import { twoBillsIn } from '../../src/console/src/rules/two-bills.ts'

const start = Date.parse('2026-11-27T10:00:00.000Z')
const iso = (second: number) => new Date(start + second * 1000).toISOString()
const event = (second: number, type: string, attempt = 'att_a') => ({
  type: `attempt.${type}`,
  at: iso(second),
  attempt,
})
const attempt = (state: string, ended: number | null = null) => ({
  id: 'att_a',
  state,
  started_at: iso(0),
  ended_at: ended === null ? null : iso(ended),
})
type Case = [
  name: string,
  state: string,
  ended: number | null,
  events: Array<[number, string]>,
  spans: string,
]

const cases: Case[] = [
  [
    'delivered',
    'succeeded',
    9,
    [
      [0, 'started'],
      [2, 'submitting'],
      [3, 'accepted'],
      [5, 'progress'],
      [8, 'archiving'],
      [9, 'succeeded'],
    ],
    'binding 0-2, submitting 2-3, running 3-8, archiving 8-9',
  ],
  [
    'nothing to bind',
    'failed',
    4,
    [
      [0, 'started'],
      [0, 'submitting'],
      [1, 'accepted'],
      [4, 'failed'],
    ],
    'submitting 0-1, running 1-4',
  ],
  [
    'looked for until now',
    'unknown',
    null,
    [
      [0, 'submitting'],
      [2, 'unknown'],
    ],
    'submitting 0-2, unknown 2-20',
  ],
  [
    'overdue and late',
    'succeeded',
    15,
    [
      [0, 'accepted'],
      [5, 'abandoned'],
      [14, 'archiving'],
      [15, 'succeeded'],
    ],
    'running 0-5, overdue 5-14, archiving 14-15',
  ],
  [
    'came to life again after it had failed',
    'running',
    null,
    [
      [0, 'submitting'],
      [4, 'failed'],
      [10, 'accepted'],
    ],
    'submitting 0-4, running 10-20',
  ],
  ['its events are gone', 'succeeded', 7, [], 'running 0-7'],
  [
    'the clock was set back',
    'failed',
    6,
    [
      [0, 'submitting'],
      [5, 'accepted'],
      [2, 'failed'],
    ],
    'submitting 0-5',
  ],
]

for (const [name, state, ended, events, expected] of cases) {
  t.test(`phases of an attempt: ${name}`, async (t) => {
    const others = [event(1, 'failed', 'att_b')]
    const listed = [...others, ...events.map(([second, type]) => event(second, type))]
    const spans = phasesOf(attempt(state, ended), listed, start + 20_000).map(
      ({ phase, from, to }) => `${phase} ${(from - start) / 1000}-${(to - start) / 1000}`,
    )
    t.equal(spans.join(', '), expected)
  })
}

const types = fc.constantFrom(
  'started',
  'submitting',
  'accepted',
  'unknown',
  'abandoned',
  'archiving',
  'progress',
  'failed',
  'succeeded',
)

t.test('phases never overlap, never run backwards, and lie within the attempt', async () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.nat(100), types)), fc.option(fc.nat(200)), (events, ended) => {
      const listed = events.map(([second, type]) => event(second, type))
      const spans = phasesOf(attempt('running', ended), listed, start + 300_000)
      return spans.every(({ from, to }, place) => from >= (spans[place - 1]?.to ?? start) && to > from)
    }),
  )
})

const minutes = (...at: number[]) => at.map((minute) => minute * 60_000)
const moments = fc.array(fc.nat(10_000_000), { minLength: 1, maxLength: 30 })

t.test('an axis keeps the order of times and goes from 0 to 1', async () => {
  fc.assert(
    fc.property(moments, fc.boolean(), fc.nat(10_000_000), fc.nat(10_000_000), (times, collapse, a, b) => {
      const axis = timeAxis(times, collapse)
      const [early, late] = a <= b ? [a, b] : [b, a]
      const [first, last] = [Math.min(...times), Math.max(...times)]
      const ends = axis.place(first) === 0 && (first === last || axis.place(last) === 1)
      return ends && axis.place(early) <= axis.place(late) && axis.place(early) >= 0 && axis.place(late) <= 1
    }),
  )
})

t.test(
  'without collapsing an axis is even; collapsed, it skips all but a minute of each idle span',
  async (t) => {
    const even = timeAxis(minutes(0, 5, 10), false)
    t.strictSame([even.totalMs, even.place(150_000), even.cuts], [600_000, 0.25, []])
    const cut = timeAxis(minutes(0, 1, 31, 32), true)
    t.equal(cut.totalMs, 32 * 60_000, 'what is said stays the time that it took')
    t.strictSame(cut.cuts, [{ at: 0.5, skippedMs: 29 * 60_000 }])
    t.ok(Math.abs(cut.place(60_000) - 1 / 3) < 1e-9)
    fc.assert(
      fc.property(moments, (times) => {
        const sorted = [...new Set(times)].toSorted((one, other) => one - other)
        const skipped = timeAxis(times, true).cuts.reduce((sum, { skippedMs }) => sum + skippedMs, 0)
        const idle = sorted.map((at, index) => Math.max(0, at - (sorted[index - 1] ?? at) - 60_000))
        return skipped === idle.reduce((sum, one) => sum + one, 0)
      }),
    )
  },
)

t.test('progress is folded into its last report, per attempt', async (t) => {
  const listed = [
    event(0, 'accepted'),
    event(1, 'progress'),
    event(2, 'progress', 'att_b'),
    event(3, 'progress'),
    event(4, 'failed'),
    event(5, 'progress'),
  ].map((each, seq) => ({ ...each, seq }))
  const rows = foldEvents(listed).map(({ event: { seq, type }, reports }) => `${seq} ${type} ${reports}`)
  t.strictSame(rows, [
    '0 attempt.accepted 1',
    '3 attempt.progress 2',
    '2 attempt.progress 1',
    '4 attempt.failed 1',
    '5 attempt.progress 1',
  ])
})

const characters = [
  { id: 'char_1', name: 'coffee_girl' },
  { id: 'char_2', name: '小明' },
]

const marks = (prompt: string) =>
  markedPrompt(prompt, characters).flatMap(({ name, text }) => (name === null ? [] : [`${text}=${name}`]))

t.test('mentions of the characters are marked, and the parts are the prompt', async (t) => {
  t.strictSame(marks('@coffee_girl and @char_2'), ['@coffee_girl=coffee_girl', '@char_2=小明'])
  t.strictSame(marks('對@小明 說'), ['@小明=小明'])
  t.strictSame(marks(String.raw`\@coffee_girl, @nobody, @coffee_girls`), [])
  t.strictSame(marks('<script>@coffee_girl</script>'), ['@coffee_girl=coffee_girl'])
  const word = fc.constantFrom('@coffee_girl', '@小明', String.raw`\@`, '@', ' ', '<b>', 'x', '.')
  fc.assert(
    fc.property(fc.array(word), (words) => {
      const prompt = words.join('')
      return (
        markedPrompt(prompt, characters)
          .map(({ text }) => text)
          .join('') === prompt
      )
    }),
  )
})

const cost = (state: string, usd: number, more: { reserved?: boolean; delivered?: boolean } = {}) => ({
  state,
  cost_usd: usd,
  cost_state: more.reserved === true ? ('reserved' as const) : ('settled' as const),
  delivered: more.delivered ?? false,
})
const route = {
  estimated_cost_usd: 0.1,
  worst_case_cost_usd: 1.3,
  candidates: [
    { kind: 'reverse', estimated_cost_usd: 0.1 },
    { kind: 'official', estimated_cost_usd: 1.2 },
  ],
}

t.test('what was paid, what may still be charged and what brought no video are three figures', async (t) => {
  const money = (status: string, attempts: Array<ReturnType<typeof cost>>, reserved = 0) =>
    generationMoney({ status, attempts, reserved_cost_usd: reserved, route })
  t.match(money('completed', [cost('failed', 0.2), cost('succeeded', 0.1, { delivered: true })]), {
    paidUsd: 0.1,
    withoutVideoUsd: 0.2,
    reservedUsd: 0,
    officialUsd: 1.2,
    savedUsd: 0.9,
  })
  t.match(money('failed', [cost('unknown', 0.12, { reserved: true })], 0.12), {
    paidUsd: 0,
    withoutVideoUsd: 0,
    reservedUsd: 0.12,
    savedUsd: null,
  })
  t.match(money('cancelled', [cost('succeeded', 0.15)]), {
    paidUsd: 0,
    withoutVideoUsd: 0.15,
    savedUsd: null,
  })
  t.match(money('completed', [cost('succeeded', 1.2, { delivered: true })]), { savedUsd: null })
  t.match(money('in_progress', [cost('archiving', 0.1)]), { paidUsd: 0.1, withoutVideoUsd: 0 })
})

t.test('a settlement has those members only that go with its verdict', async (t) => {
  const form = new FormData()
  for (const [name, value] of [
    ['upstream_id', ' task_1 '],
    ['charged', 'on'],
    ['cost_usd', '0.30'],
    ['note', ' on their bill '],
  ] as const)
    form.set(name, value)
  const note = 'on their bill'
  t.strictSame(settlementOf('taken', form), { verdict: 'taken', note, upstream_id: 'task_1' })
  t.strictSame(settlementOf('not_taken', form), { verdict: 'not_taken', note, charged: true, cost_usd: 0.3 })
  t.strictSame(settlementOf('charged', form), { verdict: 'charged', note, cost_usd: 0.3 })
  t.strictSame(settlementOf('not_charged', form), { verdict: 'not_charged', note })
  form.set('cost_usd', '')
  t.strictSame(settlementOf('charged', form), { verdict: 'charged', note }, 'the amount stays')
  t.strictSame([verdictsFor('unknown')[0], verdictsFor('failed')[0]], ['taken', 'charged'])
})

t.test('two bills are read from the problem, and a second one without a price is no figure', async (t) => {
  const first = { upstream: 'reseller', usd: 0.12 }
  const second = { upstream: 'official', usd: 1.2 }
  t.strictSame(twoBillsIn({ first_bill: first, second_bill: second }), { first, second })
  t.strictSame(twoBillsIn({ first_bill: first, second_bill: { upstream: null, usd: null } }), {
    first,
    second: null,
  })
  t.equal(twoBillsIn({ first_bill: 'x' }), null)
})
