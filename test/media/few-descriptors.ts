import { closeSync, openSync } from 'node:fs'
import { createChildQueue } from '../../src/gateway/media/child-queue.ts'
import type { ChildQueue } from '../../src/gateway/media/child-queue.ts'

/**
 * A program for the test of a queue that cannot fork. It runs with a low limit of descriptors, uses up all of them,
 * queues a job, releases them, queues another job, and prints both results.
 */
const makeQueue = (): ChildQueue =>
  createChildQueue({
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

async function ask(queue: ChildQueue): Promise<string> {
  try {
    return (await queue.run({ type: 'echo' }, 20_000, null)).type
  } catch (error) {
    return `threw ${String(error)}`
  }
}

// Another queue opens the descriptors that Node needs for its first fork.
const first = makeQueue()
await ask(first)
first.close()

const queue = makeQueue()
const results: string[] = []
const taken = takeAll()
for (let round = 0; round < 3; round++) results.push(await ask(queue))
for (const descriptor of taken) closeSync(descriptor)
results.push(await ask(queue))
queue.close()
process.stdout.write(JSON.stringify(results))
