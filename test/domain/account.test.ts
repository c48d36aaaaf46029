import t from 'tap'
import { canDeny } from '../../src/gateway/domain/attempts/account.ts'
import type { JobReport } from '../../src/gateway/domain/attempts/outcome.ts'
import type { Generation } from '../../src/gateway/domain/generation/generation.ts'
import { transition } from '../../src/gateway/domain/attempts/transition.ts'
import { aGeneration, anAttempt, SECOND, T0, vendorAccount } from './builders.ts'

const other = { origin: 'https://other.example/v1', credential: 'hash' }
const sentTo = { ...vendorAccount, confirmed: true }
const id = 'att_1' as const
const running = (changes: Parameters<typeof anAttempt>[0] = {}): Generation => ({
  ...aGeneration(),
  status: 'in_progress',
  nextAttemptAt: null,
  attempts: [anAttempt({ id, state: 'running', upstreamId: 'job', sentTo, ...changes })],
})

/** The same poll result several times; `by` if it is unknown whether the polled account has the job. */
function told(
  from: Generation,
  type: 'not_found' | 'running' | 'unreachable',
  by: typeof other | undefined,
  times = 1,
) {
  let generation = from
  for (let time = 1; time <= times; time++) {
    const at = T0 + time * SECOND
    const report: JobReport =
      type === 'running'
        ? { type, progress: 10, status: 'processing', retryAfterMs: null }
        : { type, message: 'nothing', retryAfterMs: null }
    const event = { type: 'job_reported' as const, at, attemptId: id, report, by, askedAt: at, nextAt: at }
    generation = transition(generation, event).generation
  }
  return generation.attempts[0]
}

t.test('who took a job can deny it, in three answers', async (t) => {
  t.match(told(running(), 'not_found', undefined, 3), { state: 'failed', failure: { code: 'lost' } })
})

t.test('nobody else can deny it, however often', async (t) => {
  t.match(told(running(), 'not_found', other, 50), {
    state: 'running',
    notFound: 0,
    sentTo,
    lastError: { code: 'origin_changed', tries: 50 },
  })
})

t.test('who knows a job has it from then on', async (t) => {
  t.match(told(running(), 'running', other), { sentTo: { ...other, confirmed: true }, lastError: null })
})

t.test('an account that was not kept is assumed at the first question, and shown by an answer', async (t) => {
  const legacy = running({ sentTo: null })
  t.match(told(legacy, 'not_found', vendorAccount, 5), {
    state: 'running',
    sentTo: { ...vendorAccount, confirmed: false },
  })
  t.match(told(legacy, 'unreachable', vendorAccount), { sentTo: { ...vendorAccount, confirmed: false } })
  t.match(told(legacy, 'running', vendorAccount), { sentTo })
})

t.test('only the account that took it proves that there is no job', async (t) => {
  t.ok(canDeny({ sentTo }, vendorAccount))
  t.notOk(canDeny({ sentTo: { ...vendorAccount, confirmed: false } }, vendorAccount))
  t.notOk(canDeny({ sentTo: null }, vendorAccount))
  t.notOk(canDeny({ sentTo }, other))
  t.notOk(canDeny({ sentTo }, { ...vendorAccount, credential: 'another' }))
  t.notOk(canDeny({ sentTo }, { ...vendorAccount, credential: null }))
})
