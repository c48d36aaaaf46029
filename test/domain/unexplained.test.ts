import t from 'tap'
import type { JobReport } from '../../src/gateway/domain/attempts/outcome.ts'
import { withoutFallback } from '../../src/gateway/domain/attempts/unexplained.ts'

const failure = { type: 'failed', message: 'Try something else.', retryable: true } as const
const unexplained = { ...failure, unexplained: true } as const
const running = { type: 'running', status: 'stopped', progress: null, retryAfterMs: null } as const

t.test('an unexplained failure is kept where it is, certain or apparent, and nothing else is', async (t) => {
  const table: Array<[JobReport, JobReport]> = [
    [unexplained, { ...unexplained, retryable: false }],
    [
      { ...running, apparent: unexplained },
      { ...running, apparent: { ...unexplained, retryable: false } },
    ],
    [failure, failure],
    [
      { ...running, apparent: failure },
      { ...running, apparent: failure },
    ],
    [running, running],
  ]
  for (const [report, kept] of table) t.same(withoutFallback(report), kept)
})
