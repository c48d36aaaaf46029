import { setTimeout as pause } from 'node:timers/promises'
import type { Simulator } from '../../src/simulator/simulator.ts'
import { keys } from '../e2e/gateway.ts'
import { isSettled } from './case.ts'
import type { Line } from './line.ts'
import type { Stage } from './load.ts'
import { tokenOf } from './order.ts'

const mostRounds = 60
const stepMs = 20_000

/** Waits until no work is left, moving the clock forward when nothing changes; returns the seconds it took. Bounded. */
export async function drain(
  { client, load }: Pick<Stage, 'client' | 'load'>,
  {
    simulator,
    line,
    vendors,
  }: { simulator: Simulator; line: Pick<Line, 'settleDown' | 'slowness'>; vendors: { aheadMs: number } },
  { patienceMs, say }: { patienceMs: number; say: (text: string) => void },
): Promise<number> {
  const began = Date.now()
  let before = ''
  let changedAt = Date.now()
  for (let round = 0; round < mostRounds;) {
    for (const { id, state } of simulator.control.renders()) {
      if (state === 'queued' || state === 'in_progress') finish(simulator, id)
    }
    const renders = Map.groupBy(simulator.control.renders(), ({ prompt }) => tokenOf(prompt))
    const askedAt = Date.now()
    const all = [...(await client.list(keys.studio)), ...(await client.list(keys.bank))]
    for (const { id, status } of all) load.note(id, status, askedAt)
    const open = all.filter((each) => !isSettled(each, renders.get(tokenOf(each.prompt)) ?? []))
    if (open.length === 0) break
    const now = JSON.stringify(
      open.map(({ id, status, attempts }) => [id, status, attempts.map(({ state }) => state)]),
    )
    if (now !== before) changedAt = Date.now()
    before = now
    if (Date.now() - changedAt > patienceMs * line.slowness()) {
      round += 1
      say(`${open.length} open; clock put forward by ${(round * stepMs) / 1000} s`)
      // The vendors' clocks move too: a job older than its request is not searched for.
      vendors.aheadMs = round * stepMs
      await line.settleDown(vendors.aheadMs)
      changedAt = Date.now()
    }
    await pause(250)
  }
  return (Date.now() - began) / 1000
}

function finish(simulator: Simulator, id: string): void {
  try {
    simulator.control.finish(id)
  } catch {
    // It ended on its own in between.
  }
}
