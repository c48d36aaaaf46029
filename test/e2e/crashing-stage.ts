import type { Test } from 'tap'
import { startGateway } from './gateway.ts'
import type { Gateway } from './gateway.ts'
import { isOnServer } from './test-storage.ts'

export const minute = 60_000
/** Longer than any lease. */
const leaseMs = 10 * minute

/** A gateway on which every step that stores a new generation hangs until `cure` is called. */
export async function startPoisoned(t: Test): Promise<{ gateway: Gateway; cure: () => void }> {
  let isPoisoned = true
  const gateway = await startGateway(t, {
    wrap: {
      store: (store) => ({
        ...store,
        async insert(...given) {
          if (isPoisoned) await new Promise(() => undefined)
          return store.insert(...given)
        },
      }),
    },
  })
  return {
    gateway,
    cure() {
      isPoisoned = false
    },
  }
}

/** Ends the process three times in the middle of a step on the object at `path`, which shows no warning until then. */
export async function crashThreeTimes(t: Test, gateway: Gateway, path: string): Promise<void> {
  for (const end of [1, 2, 3]) {
    await gateway.advance(1000)
    t.same((await gateway.call('GET', path)).body.warnings, [], `before crash ${end}`)
    await gateway.container.crashed()
    // Of a file that one process has alone, a start frees what was in hand; of a server, the end of the lease does.
    await gateway.restart(isOnServer && end < 3 ? leaseMs : 0)
  }
}
