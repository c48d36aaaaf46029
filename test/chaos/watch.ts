import { setTimeout as pause } from 'node:timers/promises'
import { keys } from '../e2e/gateway.ts'
import type { Stage } from './load.ts'
import type { createRandom } from './random.ts'

/** Injects a fault now and again. */
export async function injectFaults(
  turn: () => void,
  random: ReturnType<typeof createRandom>,
  signal: AbortSignal,
): Promise<void> {
  while (!signal.aborted) {
    turn()
    await pause(random.int(50, 600))
  }
}

/** Lists the newest generations like any caller, and remembers their status. */
export async function watch({ client, load, ending }: Stage, tell: () => void): Promise<void> {
  for (let turn = 1; !ending.aborted; turn++) {
    for (const key of [keys.studio, keys.bank]) {
      const askedAt = Date.now()
      for (const { id, status } of await client.latest(key)) load.note(id, status, askedAt)
    }
    if (turn % 20 === 0) tell()
    await pause(500)
  }
}
