import t from 'tap'
import type { Candidate, RoutePlan } from '../../src/gateway/domain/generation/plan.ts'
import { previewOf } from '../../src/gateway/domain/routing/preview.ts'
import { coffeeGirl, oldMan } from './builders.ts'

function candidate(upstream: string, fidelity: Candidate['fidelity']): Candidate {
  return {
    upstream,
    kind: 'reverse',
    fidelity,
    model: 'sora-2',
    durationSeconds: 10,
    size: '1280x720',
    estimatedCostMicros: 120_000,
    reason: 'cheapest',
  }
}

function planOf(...candidates: Candidate[]): RoutePlan {
  return {
    priority: 'cost',
    candidates,
    standby: [],
    excluded: [],
    estimatedCostMicros: 120_000,
    worstCaseCostMicros: 360_000,
  }
}

const prompt = `@coffee_girl meets @old_man; @${coffeeGirl.id} waves`
const request = { prompt, characters: [coffeeGirl, oldMan] }
const known = (...boundOn: string[]) => ({ boundOn, failedOn: [] })

t.test('every mention of a character has its place, by name or by id', async (t) => {
  const { characters } = previewOf(planOf(), request, [known(), known()], [])
  t.strictSame(
    characters.map(({ name, mentions }) => [
      name,
      mentions.map(({ start, end }) => prompt.slice(start, end)),
    ]),
    [
      ['coffee_girl', ['@coffee_girl', `@${coffeeGirl.id}`]],
      ['old_man', ['@old_man']],
    ],
  )
})

t.test(
  'a binding is ready where every character is known, and only native candidates need one',
  async (t) => {
    const plan = planOf(candidate('a', 'native'), candidate('b', 'native'), candidate('c', 'reference'))
    const { candidates } = previewOf(plan, request, [known('a', 'b', 'c'), known('a')], [])
    t.strictSame(
      candidates.map(({ upstream, binding }) => [upstream, binding]),
      [
        ['a', 'ready'],
        ['b', 'needed'],
        ['c', null],
      ],
    )
    const without = previewOf(planOf(candidate('a', null)), { prompt: 'x', characters: [] }, [], [])
    t.equal(without.candidates[0]?.binding, null)
  },
)

t.test(
  'the expected time is that of the upstream itself, and unknown where nothing was measured',
  async (t) => {
    const plan = planOf(candidate('a', null), candidate('b', null), candidate('gone', null))
    const { candidates } = previewOf(
      plan,
      { prompt: 'x', characters: [] },
      [],
      [
        { spec: { id: 'b' }, latencyMs: null },
        { spec: { id: 'a' }, latencyMs: 94_200 },
      ],
    )
    t.strictSame(
      candidates.map(({ expectedMs }) => expectedMs),
      [94_200, null, null],
    )
  },
)
