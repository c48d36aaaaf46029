import { closeSync, openSync } from 'node:fs'
import { createChildLane } from '../../src/gateway/media/child-queue.ts'
import type { ChildLane } from '../../src/gateway/media/child-queue.ts'

/**
 * A program for the test of a lane that cannot fork: run with a low limit of descriptors, it takes all of them, asks, lets go of
 * them, asks again, and writes what came of both.
 */
const makeLane = (): ChildLane =>
  createChildLane({
    entry: new URL('../fixtures/odd-child.ts', import.meta.url),
    width: 1,
    maxWaiting: 1,
    waitMs: 5000,
    jobsPerChild: 10,
    idleMs: 5000,
  })

function takeAll(): number[] {
  const taken: number[] = []
  try {
    for (;;) taken.push(openSync('/dev/null', 'r'))
  } catch {
    return taken
  }
}

async function ask(lane: ChildLane): Promise<string> {
  try {
    return (await lane.run({ type: 'echo' }, 20_000, null)).type
  } catch (error) {
    return `threw ${String(error)}`
  }
}

// What Node opens when it first forks is opened by another lane.
const first = makeLane()
await ask(first)
first.close()

const lane = makeLane()
const results: string[] = []
const taken = takeAll()
for (let round = 0; round < 3; round++) results.push(await ask(lane))
for (const descriptor of taken) closeSync(descriptor)
results.push(await ask(lane))
lane.close()
process.stdout.write(JSON.stringify(results))
