import t from 'tap'
import { Janitor } from '../../src/gateway/workers/janitor.ts'
import { createLogger } from '../../src/gateway/process/logger.ts'

const logger = createLogger('error', { write: () => undefined })
const runMs = 15

t.test('between two runs that leave work, others have twice the time that a run took', async (t) => {
  const runs: Array<{ from: number; to: number }> = []
  const { promise: finished, resolve: finish } = Promise.withResolvers<void>()
  const janitor = new Janitor(
    async () => {
      const from = performance.now()
      while (performance.now() - from < runMs);
      runs.push({ from, to: performance.now() })
      if (runs.length === 3) finish()
      return runs.length < 3 ? 1 : 0
    },
    logger,
    60_000,
  )
  janitor.start()
  await finished
  await janitor.stop()
  const gaps = runs.slice(1).map(({ from }, index) => from - (runs[index]?.to ?? 0))
  // A timer may end up to a millisecond early.
  for (const gap of gaps) t.ok(gap >= 2 * runMs - 2, `${gap} ms`)
  t.equal(runs.length, 3)
})

t.test('a pause ends with the janitor, and with a nudge', async (t) => {
  let runs = 0
  const { promise: again, resolve } = Promise.withResolvers<void>()
  const janitor = new Janitor(
    async () => {
      runs++
      if (runs === 2) resolve()
      return 0
    },
    logger,
    600_000,
  )
  janitor.start()
  janitor.nudge()
  await again
  await janitor.stop()
  t.equal(runs, 2)
})
