import t from 'tap'
import {
  attentionAt,
  needsAttention,
  overdueAfterMs,
} from '../../src/gateway/domain/generation/search/attention.ts'
import { attemptStates } from '../../src/gateway/domain/generation/generation.ts'
import type { Attempt } from '../../src/gateway/domain/generation/generation.ts'
import { aGeneration, anAttempt } from '../fixtures/generation.ts'

const paid = { costState: 'settled', costMicros: 9, delivered: false } as const
const resolution = {
  id: 'aud_1',
  verdict: 'not_taken',
  by: 'ops',
  at: 0,
  note: 'looked',
  contradiction: null,
} as const
const contradicted = { ...resolution, contradiction: { upstreamId: 'job-1', at: 0 } }

function needs(attempt: Partial<Attempt>): boolean {
  const ended = aGeneration({ status: 'failed', attempts: [anAttempt(attempt)] })
  return needsAttention(ended, ended.createdAt)
}

for (const state of attemptStates)
  t.test(
    `of an ended generation, a free attempt that is ${state} needs a person as long as it is open`,
    async (t) => {
      const isUncertain = state === 'unknown' || state === 'abandoned'
      t.equal(needs({ state, costState: 'reserved', delivered: false }), isUncertain)
    },
  )

for (const [what, attempt, expected] of [
  ['failed and was paid', { ...paid, state: 'failed' }, true],
  ['failed at no cost', { ...paid, state: 'failed', costMicros: 0 }, false],
  ['failed and is not settled', { ...paid, state: 'failed', costState: 'reserved' }, false],
  ['failed, was paid and is resolved', { ...paid, state: 'failed', resolution }, false],
  ['was resolved, and then its job turned up', { ...paid, state: 'failed', resolution: contradicted }, true],
  ['delivered', { ...paid, state: 'succeeded', delivered: true }, false],
  ['was rendered and paid, and not delivered', { ...paid, state: 'succeeded' }, true],
] as const)
  t.test(`an attempt that ${what} ${expected ? 'needs a person' : 'needs nobody'}`, async (t) => {
    t.equal(needs(attempt), expected)
  })

t.test(
  'an open generation needs a person five minutes after its deadline, not before, and not while it is held',
  async (t) => {
    const open = aGeneration({ status: 'in_progress', attempts: [] })
    const at = open.deadlineAt + overdueAfterMs
    t.equal(attentionAt(open), at)
    t.notOk(needsAttention(open, at - 1))
    t.ok(needsAttention(open, at))
    t.equal(attentionAt({ ...open, heldSince: open.createdAt }), null)
    t.equal(attentionAt({ ...open, status: 'failed' }), null)
  },
)
