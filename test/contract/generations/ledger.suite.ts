import type { Test } from 'tap'
import type { FailureCode } from '../../../src/gateway/domain/generation/failure.ts'
import type { Attempt, Generation } from '../../../src/gateway/domain/generation/generation.ts'
import { aGeneration, anAttempt, attemptId, START } from '../../fixtures/generation.ts'
import type { Make } from './setup.ts'
import { insert, withAttempts } from './setup.ts'

function finished(
  upstream: string,
  state: 'succeeded' | 'failed',
  latencyMs: number,
  endedAt = START,
): Attempt {
  return anAttempt({ upstream, state, acceptedAt: endedAt - latencyMs, endedAt })
}

function failedWith(upstream: string, code: FailureCode, endedAt: number): Attempt {
  const failure = { code, message: 'no', fallback: false, retryAfterMs: null }
  return anAttempt({ upstream, state: 'failed', endedAt, failure })
}

/** Failed as a person or the upstream's lists said, `n` ms after the start. */
function said(code: 'not_taken' | 'lost', n: number): Generation {
  return withAttempts(
    anAttempt({
      id: attemptId(n),
      state: 'failed',
      startedAt: START + n,
      failure: { code, message: '', fallback: true, retryAfterMs: null },
    }),
  )
}

export function ledgerContract(t: Test, make: Make): void {
  t.test('live attempts are those that are binding, submitting, unknown or running', async (t) => {
    const store = await make(t)
    const states = [
      'binding',
      'submitting',
      'unknown',
      'running',
      'archiving',
      'abandoned',
      'succeeded',
      'failed',
    ] as const
    const attempts = states.map((state, n) => anAttempt({ id: attemptId(n), state, upstream: `up-${n}` }))
    const generation = withAttempts(...attempts)
    await insert(store, generation)
    const live = await store.liveAttempts()
    t.same(
      live.toSorted((a, b) => a.id.localeCompare(b.id)),
      [0, 1, 2, 3].map((n) => ({ id: attemptId(n), upstream: `up-${n}` })),
    )
    const ended = attempts.map((attempt) => ({ ...attempt, state: 'failed' as const }))
    await store.save({ ...generation, attempts: ended }, { version: 1, entries: [], lease: null })
    t.same(await store.liveAttempts(), [])
  })

  t.test('an attempt that a save adds is live from then on', async (t) => {
    const store = await make(t)
    const generation = aGeneration()
    await insert(store, generation)
    await store.save(
      { ...generation, attempts: [anAttempt({ id: attemptId(1) })] },
      { version: 1, entries: [], lease: null },
    )
    t.same(await store.liveAttempts(), [{ id: attemptId(1), upstream: 'reseller-a' }])
  })

  t.test('a job is ours once an attempt has its id, on that upstream only', async (t) => {
    const store = await make(t)
    const attempt = anAttempt({ upstream: 'reseller-a', upstreamId: null })
    const generation = withAttempts(attempt)
    await insert(store, generation)
    t.equal(await store.ownsJob('reseller-a', 'job-1'), false)
    await store.save(
      { ...generation, attempts: [{ ...attempt, upstreamId: 'job-1' }] },
      { version: 1, entries: [], lease: null },
    )
    t.equal(await store.ownsJob('reseller-a', 'job-1'), true)
    t.equal(await store.ownsJob('reseller-b', 'job-1'), false)
  })

  t.test('the owner of a job is found by any of several ids, on that upstream only', async (t) => {
    const store = await make(t)
    const attempts = [1, 2].map((n) => anAttempt({ id: attemptId(n), upstreamId: `job-${n}` }))
    const elsewhere = anAttempt({ upstream: 'reseller-b', upstreamId: 'job-1' })
    const generation = withAttempts(...attempts, elsewhere)
    await insert(store, generation)
    t.same(await store.ownersOf('reseller-a', ['evt-9', 'job-2']), [
      { attemptId: attemptId(2), generationId: generation.id },
    ])
    t.equal((await store.ownersOf('reseller-a', ['job-1', 'job-2'])).length, 2)
    t.same(await store.ownersOf('reseller-a', ['job-3']), [])
    t.same(await store.ownersOf('reseller-a', []), [])
  })

  t.test(
    'unknown attempts of one upstream are found from the newest on, up to a limit and an age',
    async (t) => {
      const store = await make(t)
      const generations = [1, 2, 3].map((n) =>
        withAttempts(
          anAttempt({ id: attemptId(n), state: 'unknown', upstreamId: null, startedAt: START + n }),
        ),
      )
      for (const generation of generations) await insert(store, generation)
      await insert(store, withAttempts(anAttempt({ state: 'running' })))
      await insert(store, withAttempts(anAttempt({ state: 'unknown', upstream: 'reseller-b' })))
      const found = async (since: number, limit: number) =>
        (await store.unknownAttempts('reseller-a', since, limit)).map((place) => place.attemptId)
      t.same(await found(START, 10), [attemptId(3), attemptId(2), attemptId(1)])
      t.same(await found(START, 2), [attemptId(3), attemptId(2)])
      t.same(await found(START + 2, 10), [attemptId(3), attemptId(2)])
      t.equal((await store.unknownAttempts('reseller-a', START, 1))[0]?.generationId, generations[2]?.id)
      await insert(store, said('not_taken', 5))
      await insert(store, said('lost', 6))
      t.same(await found(START, 2), [attemptId(5), attemptId(3)], 'a person’s word may be wrong')
      const [first] = generations
      t.same(await store.placeOf(attemptId(1)), { attemptId: attemptId(1), generationId: first?.id })
      t.equal(await store.placeOf(attemptId(99)), null)
    },
  )

  t.test(
    'statistics count what finished in the window, what is unexplained of it, and the median latency of what succeeded',
    async (t) => {
      const store = await make(t)
      await insert(
        store,
        withAttempts(
          finished('odd', 'succeeded', 900),
          finished('odd', 'succeeded', 100),
          finished('odd', 'succeeded', 200),
          finished('odd', 'failed', 1),
          finished('odd', 'succeeded', 1, START - 1),
          finished('even', 'succeeded', 100),
          anAttempt({ upstream: 'even', state: 'succeeded', acceptedAt: null, endedAt: START }),
          finished('even', 'succeeded', 201),
          anAttempt({ upstream: 'even', state: 'failed', acceptedAt: null, endedAt: START }),
          finished('broken', 'failed', 5),
          failedWith('broken', 'unexplained', START),
          failedWith('broken', 'unexplained', START),
          failedWith('broken', 'unexplained', START - 1),
          anAttempt({ upstream: 'running', state: 'running' }),
        ),
      )
      t.same(await store.statistics(START), [
        { upstream: 'broken', succeeded: 0, failed: 3, unexplained: 2, latencyMs: null },
        { upstream: 'even', succeeded: 3, failed: 1, unexplained: 0, latencyMs: 150.5 },
        { upstream: 'odd', succeeded: 3, failed: 1, unexplained: 0, latencyMs: 200 },
      ])
      t.same(await store.statistics(START + 1), [])
    },
  )

  t.test('statistics leave out failures that say nothing about the upstream', async (t) => {
    const store = await make(t)
    const codes: FailureCode[] = ['refused', 'invalid', 'cancelled', 'job_failed']
    const attempts = codes.map((code) => failedWith('strict', code, START))
    await insert(store, withAttempts(...attempts))
    t.same(await store.statistics(START), [
      { upstream: 'strict', succeeded: 0, failed: 1, unexplained: 0, latencyMs: null },
    ])
  })
}
