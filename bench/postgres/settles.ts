import type { Generation } from '../../src/gateway/domain/generation/generation.ts'
import type { AttemptId } from '../../src/gateway/domain/ids.ts'
import { aGeneration, aLogEntry, anAttempt, START } from '../../test/fixtures/generation.ts'
import { pgbench, scriptOf } from './pgbench.ts'
import { recordedTransaction } from './recorded.ts'
import { atOnce, clients, idOf, inParallel, inTurn, owner, type Base, type Stage } from './stage.ts'

const attemptOf = (number: number): AttemptId => `att_${String(number).padStart(26, '0')}`

/** A generation that an attempt of this number completed. */
function settled(number: number): Generation {
  const attempt = anAttempt({
    id: attemptOf(number),
    state: 'succeeded',
    costMicros: 120_000,
    costState: 'settled',
    delivered: true,
    endedAt: START + 60_000,
  })
  return aGeneration({
    id: idOf(number),
    status: 'completed',
    progress: 100,
    attempts: [attempt],
    dueAt: null,
  })
}

async function settle({ stores: [store] }: Base, number: number): Promise<void> {
  const entries = [aLogEntry({ type: 'generation.completed' })]
  const outcome = await store.save(settled(number), { version: 1, entries, lease: { owner, release: true } })
  if (outcome !== 'saved') throw new Error(`a settle was answered with ${outcome}`)
}

/** Settles generations of these numbers, and returns how many per second. */
export async function settleAll(base: Base, from: number, count: number): Promise<number> {
  let next = from
  const started = performance.now()
  await inParallel(atOnce, async () => {
    while (next < from + count) await settle(base, next++)
  })
  return count / ((performance.now() - started) / 1000)
}

/** Generations per second of the gateway and of pgbench. `from`: a number above all that there are. */
export async function measureSettles(
  stage: Stage,
  base: Base,
  { passes, count, from }: { passes: number; count: number; from: number },
): Promise<Array<[number, number]>> {
  const warmUp = 400
  let next = from
  const taken = async (most: number) => {
    await base.fill(next, most, { leased: true })
    next += most
    return next - most
  }
  const first = await taken(warmUp)
  await settleAll(base, first, warmUp - 1)
  const last = first + warmUp - 1
  const script = scriptOf(
    await recordedTransaction('update "generations"', () => settle(base, last)),
    new Map([
      [idOf(last), `('gen_' || lpad(:n::text, 26, '0'))`],
      [attemptOf(last), `('att_' || lpad(:n::text, 26, '0'))`],
      [`job-of-${attemptOf(last)}`, `('job-' || :n)`],
    ]),
  )
  return inTurn(
    passes,
    async () => settleAll(base, await taken(count), count),
    async () =>
      pgbench(stage.pgbench.program, script, {
        ...stage.pgbench,
        url: base.url,
        each: Math.floor(count / clients),
        base: await taken(count),
      }),
  )
}
