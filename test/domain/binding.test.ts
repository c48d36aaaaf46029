import { asideUntil } from '../../src/gateway/domain/characters/binding-ends.ts'
import t from 'tap'
import { seenFrom, takeDue } from '../../src/gateway/domain/characters/binding-steps.ts'
import type { BindingAnswer } from '../../src/gateway/domain/characters/binding.ts'
import type { CharacterOutcome } from '../../src/gateway/domain/attempts/outcome.ts'
import { SECOND, T0 } from './builders.ts'
import { rules, leaseMs, home, span, aStory, ready, pending, unknown } from './binding-story.ts'

/** Claimed, sent and completed by `a`. */
function answered(outcome: CharacterOutcome) {
  const story = aStory()
  story.claim('a')
  story.send('a')
  story.answer('a', outcome)
  return story
}

t.test('the first in need makes it, and the others wait for that', async (t) => {
  const story = aStory()
  t.same(story.claim('a'), { type: 'make' })
  t.match(story.binding, { state: 'pending', step: 'claimed', orphans: 0 })
  for (const claim of ['b', 'a', 'c'])
    t.same(story.claim(claim), { type: 'busy', until: T0 + leaseMs }, `${claim} waits`)
  t.same(story.claim('d', 'caller'), { type: 'busy', until: T0 + leaseMs }, 'a caller too')
  story.send('a')
  t.match(story.binding, { step: 'sent', span, sentAt: T0 })
  story.answer('a', ready)
  t.match(story.binding, { state: 'ready', handle: 'amber.finch', step: null, failure: null, dueAt: null })
  t.match(story.claim('b'), { type: 'ready', binding: { handle: 'amber.finch' } })
})

t.test('what another account made, or said, is of no use: it is made anew here', async (t) => {
  const away = { origin: 'https://other.example/v1', credential: 'one' }
  const rekeyed = { ...home, credential: 'two' }
  for (const account of [away, rekeyed]) {
    for (const outcome of [ready, unknown, { type: 'refused', message: 'a real person' } as const]) {
      const story = answered(outcome)
      const { orphans } = story.binding
      t.same(story.claim('b', 'attempt', account), { type: 'make' }, outcome.type)
      t.match(story.binding, { account, handle: null, failure: null, claim: 'b', orphans })
    }
    const making = answered(pending)
    t.match(making.claim('b', 'attempt', account), { type: 'busy' }, 'while it is in hand')
    making.now += 2 * SECOND
    t.same(making.claim('b', 'attempt', account), { type: 'make' })
    t.match(making.binding, { account, orphans: 1, operation: null }, 'and nobody can name the other one')
    making.send('b')
    making.answer('a', ready)
    t.match(making.binding, { state: 'pending', handle: null }, 'an answer from there comes too late')
  }
  const known = answered(ready).binding
  t.equal(seenFrom(known, home), known)
  t.match(seenFrom(known, away), { state: 'revoked', handle: 'amber.finch' })
  t.match(seenFrom({ ...known, account: null }, away), { state: 'ready' })
})

t.test('what an answer to the creation makes of it', async (t) => {
  const rows: Array<[CharacterOutcome, object]> = [
    [ready, { state: 'ready', handle: 'amber.finch', orphans: 0 }],
    [pending, { state: 'pending', step: 'making', operation: { id: 'char_0d3e' }, dueAt: T0 + SECOND }],
    [
      { ...pending, retryAfterMs: 30_000 },
      { state: 'pending', step: 'making', dueAt: T0 + 30_000 },
    ],
    [
      { type: 'refused', message: 'a real person' },
      { state: 'failed', failure: { code: 'refused', message: 'a real person', retryAt: null }, orphans: 0 },
    ],
    [
      { type: 'invalid', message: 'too short' },
      { state: 'failed', failure: { code: 'character_invalid', retryAt: null }, orphans: 0 },
    ],
    [
      { type: 'never_sent', message: 'no route', retryAfterMs: null },
      { state: 'failed', failure: { code: 'never_sent', retryAt: T0 + SECOND }, orphans: 0 },
    ],
    [
      { type: 'rejected', message: 'busy', retryAfterMs: 7000 },
      { state: 'failed', failure: { code: 'overloaded', retryAt: T0 + 7000 }, orphans: 0 },
    ],
    [
      { type: 'upstream_down', message: 'no balance', retryAfterMs: null },
      { state: 'failed', failure: { code: 'upstream_down', retryAt: T0 + SECOND }, orphans: 0 },
    ],
    [
      unknown,
      { state: 'failed', failure: { code: 'outcome_unknown', retryAt: T0 + rules.holdMs }, orphans: 1 },
    ],
  ]
  for (const [outcome, expected] of rows) t.match(answered(outcome).binding, expected, outcome.type)
})

t.test('who may make it anew, and when', async (t) => {
  const rows: Array<[CharacterOutcome, number, 'attempt' | 'caller', BindingAnswer['type']]> = [
    [{ type: 'rejected', message: 'busy', retryAfterMs: 5000 }, 4999, 'attempt', 'failed'],
    [{ type: 'rejected', message: 'busy', retryAfterMs: 5000 }, 5000, 'attempt', 'make'],
    [{ type: 'rejected', message: 'busy', retryAfterMs: 5000 }, 0, 'caller', 'make'],
    [{ type: 'refused', message: 'no' }, 99 * rules.holdMs, 'attempt', 'failed'],
    [{ type: 'refused', message: 'no' }, 0, 'caller', 'make'],
    [{ type: 'invalid', message: 'no' }, 99 * rules.holdMs, 'attempt', 'failed'],
    [{ type: 'invalid', message: 'no' }, 0, 'caller', 'make'],
    [unknown, rules.holdMs - 1, 'attempt', 'failed'],
    [unknown, rules.holdMs, 'attempt', 'make'],
    [unknown, 0, 'caller', 'make'],
    [ready, 0, 'caller', 'ready'],
  ]
  for (const [outcome, afterMs, by, type] of rows) {
    const story = answered(outcome)
    story.now += afterMs
    t.equal(story.claim('b', by).type, type, `${outcome.type}, ${afterMs} ms later, ${by}`)
  }
})

t.test('nothing may leave without the claim', async (t) => {
  const story = aStory()
  story.claim('a')
  story.send('b')
  t.equal(story.binding.step, 'claimed', 'not by another')
  story.now += leaseMs
  t.same(story.claim('b'), { type: 'make' }, 'a claim that was left before anything was sent')
  story.send('a')
  t.match(story.binding, { step: 'claimed', claim: 'b', orphans: 0 }, 'nor by the one before')
  story.send('b')
  t.equal(story.binding.step, 'sent')
})

t.test('a process that dies before it sends leaves nothing behind', async (t) => {
  const story = aStory()
  story.claim('a')
  story.tell({ type: 'left' })
  t.match(story.binding, { state: 'failed', failure: { code: 'never_sent', retryAt: T0 }, orphans: 0 })
  t.same(story.claim('b'), { type: 'make' })
})

t.test(
  'a process that dies after it sends leaves one orphan, and nobody makes it anew unasked',
  async (t) => {
    for (const found of ['at the start', 'by the next in need', 'by a round of housekeeping']) {
      const story = aStory()
      story.claim('a')
      story.send('a')
      if (found === 'at the start') story.tell({ type: 'left' })
      story.now += leaseMs
      if (found === 'by a round of housekeeping') {
        const asked = { at: story.now, claim: 'keeper', dueAt: story.now + leaseMs }
        const { binding, answer } = takeDue(story.binding, asked, rules)
        t.equal(answer, null)
        t.match(binding, { state: 'failed', orphans: 1 }, found)
        continue
      }
      t.match(story.claim('b'), { type: 'failed', failure: { code: 'outcome_unknown' } }, found)
      t.match(story.binding, { state: 'failed', orphans: 1 })
      t.equal(story.claim('c').type, 'failed')
      t.equal(story.claim('d', 'caller').type, 'make', 'a caller may')
      story.send('d')
      t.match(story.answer('d', ready), { state: 'ready', orphans: 1 }, 'and the orphan stays reported')
    }
  },
)

t.test('ends of the process while it was asked about are counted until an answer is stored', async (t) => {
  const story = answered(pending)
  for (const claim of ['b', 'c', 'd']) {
    story.now += 60 * SECOND
    story.claim(claim)
    story.tell({ type: 'crashed', claim: 'somebody else' })
    story.tell({ type: 'crashed', claim })
    t.equal(asideUntil(story.tell({ type: 'left' })), claim === 'd' ? story.now + 600 * SECOND : null)
  }
  const until = story.now + 600 * SECOND
  story.now += 300 * SECOND
  t.equal(asideUntil(story.tell({ type: 'left' })), until, 'another start does not put it off')
  t.same(story.claim('e'), { type: 'busy', until })
  story.now = until
  t.equal(story.claim('f').type, 'ask')
  t.equal(asideUntil(story.binding), null)
  t.match(story.answer('f', unknown), { state: 'pending', crashPoints: 0 })

  const killed = answered(pending)
  for (let kills = 1; kills <= 30; kills++) {
    killed.now += SECOND
    killed.claim(`k${kills}`)
    const aside = asideUntil(killed.tell({ type: 'left' }))
    t.equal(aside !== null, kills === 30, `a kill counts a tenth: ${kills}`)
  }
})

t.test(
  'without a start in between, what ended the process is set aside by whoever takes it up',
  async (t) => {
    const story = answered(pending)
    for (const claim of ['b', 'c', 'd']) {
      story.now += 60 * SECOND
      t.equal(story.claim(claim).type, 'ask', claim)
      story.tell({ type: 'crashed', claim })
    }
    const until = story.now + 600 * SECOND
    t.same(story.claim('e'), { type: 'busy', until })
    story.now = until
    t.equal(story.claim('f').type, 'ask')

    const killed = answered(pending)
    for (let kills = 1; kills <= 30; kills++) {
      killed.now += leaseMs
      t.equal(killed.claim(`k${kills}`).type, 'ask', `kill ${kills}`)
    }
    killed.now += leaseMs
    t.same(killed.claim('late'), { type: 'busy', until: killed.now + 600 * SECOND })
    t.equal(killed.claim('caller', 'caller').type, 'busy', 'and no other is made')
  },
)

t.test('an answer that comes after its binding was given up is kept, and is no orphan', async (t) => {
  const story = aStory()
  story.claim('a')
  story.send('a')
  story.now += leaseMs
  story.claim('b')
  t.equal(story.binding.orphans, 1)
  t.match(story.answer('a', ready), { state: 'ready', handle: 'amber.finch', orphans: 0, failure: null })

  const overtaken = aStory()
  overtaken.claim('a')
  overtaken.send('a')
  overtaken.now += leaseMs
  overtaken.claim('b', 'caller')
  overtaken.send('b')
  overtaken.answer('a', ready)
  t.match(overtaken.binding, { state: 'pending', claim: 'b', orphans: 1 }, 'unless another was begun since')
})

t.test('a late no, or a late promise, is no orphan either', async (t) => {
  for (const [outcome, expected] of [
    [
      { type: 'invalid', message: 'no' },
      { state: 'failed', failure: { code: 'character_invalid' } },
    ],
    [
      { type: 'rejected', message: 'busy', retryAfterMs: null },
      { state: 'failed', failure: { code: 'overloaded' } },
    ],
    [pending, { state: 'pending', step: 'making', failure: null }],
    [unknown, { state: 'failed', failure: { code: 'outcome_unknown' } }],
  ] satisfies Array<[CharacterOutcome, object]>) {
    const story = aStory()
    story.claim('a')
    story.send('a')
    story.tell({ type: 'left' })
    const orphans = outcome.type === 'unknown' ? 1 : 0
    t.match(story.answer('a', outcome), { ...expected, orphans }, outcome.type)
  }
})

t.test('a creation under way is asked about by one at a time', async (t) => {
  const story = answered(pending)
  t.same(story.claim('b'), { type: 'busy', until: T0 + SECOND })
  story.now += SECOND
  t.same(story.claim('b'), { type: 'ask', operation: { id: 'char_0d3e' } })
  t.equal(story.claim('c').type, 'busy')
  story.answer('b', { ...pending, retryAfterMs: 5000 })
  t.match(story.binding, { state: 'pending', step: 'making', dueAt: story.now + 5000 })
  story.now += 5000
  story.claim('c')
  story.now += leaseMs
  t.same(story.claim('d'), { type: 'ask', operation: { id: 'char_0d3e' } }, 'whoever asked is gone')
  t.match(story.answer('d', ready), { state: 'ready', handle: 'amber.finch', operation: null })
})

t.test('of a creation under way only a verdict on the character ends it', async (t) => {
  for (const outcome of [
    unknown,
    { type: 'never_sent', message: 'no route', retryAfterMs: null },
    { type: 'rejected', message: 'busy', retryAfterMs: 9000 },
    { type: 'upstream_down', message: '401', retryAfterMs: null },
  ] satisfies CharacterOutcome[]) {
    const story = answered(pending)
    for (let times = 0; times < 3; times++) {
      story.now = story.binding.dueAt ?? 0
      story.claim('b')
      story.answer('b', outcome)
      t.match(story.binding, { state: 'pending', step: 'making', orphans: 0, silence: times + 1 })
    }
    t.ok((story.binding.dueAt ?? 0) - story.now >= 4000, 'asked ever less often')
    story.now = story.binding.dueAt ?? 0
    story.claim('b')
    t.match(story.answer('b', { ...pending, operation: { id: 'other' } }), { silence: 0 })
  }
  for (const [type, code] of [
    ['refused', 'refused'],
    ['invalid', 'character_invalid'],
  ] as const) {
    const story = answered(pending)
    story.now += SECOND
    story.claim('b')
    t.match(story.answer('b', { type, message: 'no' }), { state: 'failed', failure: { code }, orphans: 0 })
  }
})

t.test('a creation that is never done counts as lost', async (t) => {
  const story = answered(pending)
  while (story.binding.state === 'pending' && story.now < T0 + 2 * rules.makingMs) {
    story.now = story.binding.dueAt ?? 0
    story.claim('b')
    story.answer('b', { ...pending, retryAfterMs: 20_000 })
  }
  t.match(story.binding, { state: 'failed', failure: { code: 'outcome_unknown' }, orphans: 1 })
  t.ok(story.now - T0 >= rules.makingMs && story.now - T0 < rules.makingMs + 60 * SECOND)
})

t.test('only the handle that was used is revoked, and then it is made anew', async (t) => {
  const story = answered(ready)
  t.equal(story.tell({ type: 'revoked', handle: 'older' }).state, 'ready')
  t.match(story.tell({ type: 'revoked', handle: 'amber.finch' }), { state: 'revoked', orphans: 0 })
  t.equal(story.tell({ type: 'revoked', handle: 'amber.finch' }).state, 'revoked')
  t.same(story.claim('b'), { type: 'make' })
  t.equal(story.claim('c').type, 'busy')
})

t.test('a binding says who had it made, and how many creations may have been charged', async (t) => {
  const story = aStory()
  story.claim('a')
  t.match(story.binding, { askedBy: 'key of a', creations: 0 })
  story.send('a')
  t.match(story.binding, { creations: 1 })
  story.answer('a', { type: 'never_sent', message: 'no route', retryAfterMs: null })
  t.match(story.binding, { state: 'failed', creations: 0 }, 'it did not leave')
  story.claim('b', 'caller')
  story.send('b')
  story.answer('b', unknown)
  t.match(story.binding, { askedBy: 'key of b', creations: 1, orphans: 1 })
  story.claim('c', 'caller')
  t.match(story.binding, { askedBy: 'key of c', creations: 1, orphans: 1 })
  story.send('c')
  story.answer('c', ready)
  t.match(story.binding, { state: 'ready', creations: 2, orphans: 1 })
  t.match(story.claim('d'), { type: 'ready', binding: { askedBy: 'key of c' } }, 'using it asks for nothing')
})
