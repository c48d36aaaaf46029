import { START } from '../../test/fixtures/generation.ts'
import { pgbench, scriptOf, type Script } from './pgbench.ts'
import { recordedTransaction } from './recorded.ts'
import { batch, clients, inParallel, inTurn, leaseUntil, owner, type Base, type Stage } from './stage.ts'

const asked = { now: START, owner, leaseUntil, limit: batch }

/** Claims everything that is due, with as many claims at a time as there are connections, and returns the rows per second. */
export async function claimAll({ stores: [store] }: Base): Promise<number> {
  let rows = 0
  const started = performance.now()
  await inParallel(clients, async () => {
    for (;;) {
      const claimed = await store.claimDue(asked)
      if (claimed.length === 0) return
      rows += claimed.length
    }
  })
  return rows / ((performance.now() - started) / 1000)
}

/** The statements of one claim. Something has to be due, and claims in full swing, so that they are prepared. */
async function claimScript(base: Base): Promise<Script> {
  return scriptOf(
    await recordedTransaction('update generations', () => base.stores[0].claimDue(asked)),
    new Map(),
  )
}

/** Rows per second of the gateway and of pgbench, which claims as many rows of the same table. `count` of them are due. */
export async function measureClaims(
  stage: Stage,
  base: Base,
  { passes, count }: { passes: number; count: number },
): Promise<Array<[number, number]>> {
  await base.releaseAll()
  await claimAll(base)
  await base.releaseAll()
  const script = await claimScript(base)
  const each = Math.floor(count / batch / clients)
  return inTurn(
    passes,
    async () => {
      await base.releaseAll()
      return claimAll(base)
    },
    async () => {
      await base.releaseAll()
      return (
        (await pgbench(stage.pgbench.program, script, { ...stage.pgbench, url: base.url, each, base: 0 })) *
        batch
      )
    },
  )
}
