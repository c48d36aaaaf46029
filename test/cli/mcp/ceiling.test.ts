import * as fc from 'fast-check'
import t from 'tap'
import * as rules from '../../../src/cli/mcp/money/ceiling.ts'
import type { Ceiling, SeenCost } from '../../../src/cli/mcp/money/ceiling.ts'

function seen(generationId: string, more: Partial<SeenCost> = {}): SeenCost {
  return { generationId, isOver: false, costMicros: 0, reservedMicros: 0, ...more }
}

function reserved(ceiling: Ceiling, key: string, micros: number): Ceiling {
  const made = rules.reserve(ceiling, key, micros)
  if (!made.ok) throw new Error(made.reason)
  return made.ceiling
}

function money(ceiling: Ceiling): [spent: number, set: number, left: number] {
  return [rules.spentMicros(ceiling), rules.reservedMicros(ceiling), rules.leftMicros(ceiling)]
}

t.test(
  'money is set aside before a request leaves, and a request above what is left is refused',
  async (t) => {
    const one = reserved(rules.ceilingOf(1000), 'a', 700)
    t.same(money(one), [0, 700, 300])
    t.same(rules.reserve(one, 'b', 301), { ok: false, reason: 'above_ceiling' })
    t.same(money(reserved(one, 'b', 300)), [0, 1000, 0], 'all of it may be set aside')
    t.same(rules.reserve(rules.ceilingOf(0), 'a', 1), { ok: false, reason: 'above_ceiling' })
  },
)

t.test('what becomes of the money of a request', async (t) => {
  const sent = reserved(rules.ceilingOf(1000), 'a', 700)
  const accepted = rules.accepted(sent, 'a', seen('g', { reservedMicros: 100 }))
  const over = (costMicros: number, reservedMicros: number) =>
    rules.observed(accepted, seen('g', { isOver: true, costMicros, reservedMicros }), accepted.revision)
  const rows: Array<[string, Ceiling, ReturnType<typeof money>, string[]]> = [
    ['accepted: all of it stays set aside', accepted, [0, 700, 300], ['g']],
    [
      'an attempt was paid and another may follow',
      rules.observed(accepted, seen('g', { costMicros: 200 }), accepted.revision),
      [200, 500, 300],
      ['g'],
    ],
    ['it cost less: the rest is given back', over(120, 0), [120, 0, 880], []],
    ['it failed and cost nothing', over(0, 0), [0, 0, 1000], []],
    ['unknown in the end: counts as spent', over(100, 120), [220, 0, 780], ['g']],
    ['the vendor billed more than the ceiling', over(1500, 0), [1500, 0, 0], []],
    ['refused: free again', rules.refused(sent, 'a'), [0, 0, 1000], []],
    ['lost: counts as spent', rules.lost(sent, 'a'), [700, 0, 300], []],
    [
      'of another process: does not count',
      rules.observed(sent, seen('x', { costMicros: 9 }), 9),
      [0, 700, 300],
      [],
    ],
  ]
  for (const [name, ceiling, wanted, open] of rows) {
    t.same(money(ceiling), wanted, name)
    t.same(rules.openGenerations(ceiling), open, name)
  }
})

t.test('an unknown outcome that is settled later gives back what it did not cost', async (t) => {
  let ceiling = rules.accepted(reserved(rules.ceilingOf(1000), 'a', 700), 'a', seen('g'))
  ceiling = rules.observed(ceiling, seen('g', { isOver: true, reservedMicros: 500 }), ceiling.revision)
  t.same(money(ceiling), [500, 0, 500])
  ceiling = rules.observed(ceiling, seen('g', { isOver: true, costMicros: 120 }), ceiling.revision)
  t.same(money(ceiling), [120, 0, 880])
})

t.test(
  'a repeated request has its money already, and is never given it back while it may be stored',
  async (t) => {
    const sent = reserved(rules.ceilingOf(1000), 'a', 700)
    const again = rules.reserve(sent, 'a', 700)
    t.match(again, { ok: true, isRepeat: true })
    const both = reserved(sent, 'a', 700)
    t.same(money(both), [0, 700, 300])
    t.same(money(rules.refused(both, 'a')), [0, 700, 300], 'the other one is under way')
    t.same(money(rules.refused(rules.lost(both, 'a'), 'a')), [700, 0, 300], 'the other one was lost')
    const found = rules.accepted(reserved(rules.lost(sent, 'a'), 'a', 700), 'a', seen('g'))
    t.same(money(found), [0, 700, 300], 'the generation was found')
    const done = rules.observed(found, seen('g', { isOver: true, costMicros: 120 }), found.revision)
    const repeated = rules.accepted(reserved(done, 'a', 700), 'a', seen('g'))
    t.same(money(repeated), [120, 0, 880], 'the first answer again is old')
    t.same(money(rules.refused(reserved(done, 'a', 700), 'a')), [120, 0, 880])
    t.same(money(rules.lost(reserved(done, 'a', 700), 'a')), [120, 0, 880])
  },
)

t.test('a read that began before the last one ended sets nothing aside again', async (t) => {
  const accepted = rules.accepted(reserved(rules.ceilingOf(1000), 'a', 700), 'a', seen('g'))
  const since = accepted.revision
  const over = rules.observed(accepted, seen('g', { isOver: true, costMicros: 120 }), since)
  t.same(money(rules.observed(over, seen('g'), since)), [120, 0, 880], 'not over')
  const held = seen('g', { isOver: true, reservedMicros: 700 })
  t.same(money(rules.observed(over, held, since)), [120, 0, 880], 'over, but not settled')
  const early = rules.observed(accepted, seen('g', { costMicros: 100 }), since)
  const late = rules.observed(early, seen('g', { isOver: true, costMicros: 100 }), since)
  t.same(money(late), [100, 0, 900], 'the end counts however it arrives')
})

t.test('dollars become whole micro-dollars, never more of them', async (t) => {
  for (const [usd, micros] of [
    [0.29, 290_000],
    [1.1, 1_100_000],
    [0.000001, 1],
    [0.0000019, 1],
    [0.0000001, 0],
    [4.35, 4_350_000],
    [999_999.999999, 999_999_999_999],
  ] as const)
    t.equal(rules.microsOf(usd), micros, String(usd))
})

/** What a process may do, and a gateway that keeps `max_cost_usd`, in any order. */
t.test('what was spent and what is set aside never exceed the ceiling together', async () => {
  const step = fc.record({
    what: fc.constantFrom('reserve', 'accepted', 'refused', 'lost', 'running', 'over', 'settled'),
    key: fc.constantFrom('a', 'b', 'c', 'd', 'e'),
    part: fc.double({ min: 0, max: 1, noNaN: true }),
    isLate: fc.boolean(),
  })
  const property = fc.property(
    fc.integer({ min: 0, max: 3000 }),
    fc.array(step, { maxLength: 60 }),
    (max, taken) => {
      let ceiling = rules.ceilingOf(max)
      for (const { what, key, part, isLate } of taken) {
        const known = ceiling.reservations.get(key)
        const asked = known?.askedMicros ?? Math.floor(part * 1500)
        const cost = Math.floor(part * asked)
        const since = isLate ? 0 : ceiling.revision
        const sees = (more: Partial<SeenCost>) => rules.observed(ceiling, seen(`g-${key}`, more), since)
        if (what === 'reserve') {
          const left = rules.leftMicros(ceiling)
          const made = rules.reserve(ceiling, key, asked)
          if (made.ok !== (known !== undefined || asked <= left)) return false
          if (made.ok) ceiling = made.ceiling
        } else if (what === 'accepted' && (known?.senders ?? 0) > 0) {
          ceiling = rules.accepted(ceiling, key, seen(`g-${key}`))
        } else if (what === 'refused' && (known?.senders ?? 0) > 0) {
          ceiling = rules.refused(ceiling, key)
        } else if (what === 'lost' && (known?.senders ?? 0) > 0) {
          ceiling = rules.lost(ceiling, key)
        } else if (what === 'running') {
          ceiling = sees({ costMicros: cost, reservedMicros: asked - cost })
        } else if (what === 'over') {
          ceiling = sees({ isOver: true, costMicros: cost, reservedMicros: asked - cost })
        } else if (what === 'settled') {
          ceiling = sees({ isOver: true, costMicros: cost })
        }
        const [spent, set, left] = money(ceiling)
        if (spent < 0 || set < 0 || spent + set + left !== max) return false
      }
      return true
    },
  )
  fc.assert(property, { numRuns: 500 })
})
