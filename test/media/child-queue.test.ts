import { execFile } from 'node:child_process'
import { getPriority } from 'node:os'
import { promisify } from 'node:util'
import t, { type Test } from 'tap'
import {
  createChildQueue,
  type ChildQueue,
  type ChildQueueOptions,
} from '../../src/gateway/media/child-queue.ts'
import { z } from 'zod'

const entry = new URL('../fixtures/odd-child.ts', import.meta.url)
const echo = z.object({ pid: z.number(), environment: z.array(z.string()) })
const long = 20_000

function queue(t: Test, over: Partial<ChildQueueOptions> = {}): ChildQueue {
  const made = createChildQueue({
    entry,
    width: 1,
    maxWaiting: 1,
    waitMs: long,
    jobsPerChild: 10,
    idleMs: long,
    ...over,
  })
  t.teardown(() => made.close())
  return made
}

async function ask(queue: ChildQueue): Promise<z.infer<typeof echo>> {
  const result = await queue.run({ type: 'echo' }, long, null)
  return echo.parse(result.type === 'answer' ? result.value : result)
}

t.test('a child sees nothing of the environment of the gateway', async (t) => {
  const { environment } = await ask(queue(t))
  t.notMatch(environment.join(), /PATH|HOME/)
})

t.test('a child gives way to the gateway', async (t) => {
  const { pid } = await ask(queue(t))
  t.equal(getPriority(pid), Math.min(19, getPriority() + 5))
})

t.test('a child is asked again until it has done its jobs, and a new one follows', async (t) => {
  const children = queue(t, { jobsPerChild: 2 })
  const [first, second, third] = [await ask(children), await ask(children), await ask(children)]
  t.equal(first.pid, second.pid)
  t.not(second.pid, third.pid)
})

t.test('a child that is still at work at its deadline is killed', async (t) => {
  const children = queue(t)
  const { pid } = await ask(children)
  t.same(await children.run({ type: 'spin' }, 200, null), { type: 'deadline' })
  t.not((await ask(children)).pid, pid)
})

t.test('a child that is brought down by its job is told from one that was killed', async (t) => {
  const children = queue(t)
  t.same(await children.run({ type: 'abort' }, long, null), { type: 'crashed' })
  const { pid } = await ask(children)
  const spinning = children.run({ type: 'spin' }, long, null)
  process.kill(pid, 'SIGKILL')
  t.same(await spinning, { type: 'lost' })
})

t.test('an abort ends a job at work and one in line', async (t) => {
  const children = queue(t)
  await ask(children)
  const [first, second] = [new AbortController(), new AbortController()]
  const spinning = children.run({ type: 'spin' }, long, first.signal)
  const inLine = children.run({ type: 'echo' }, long, second.signal)
  second.abort()
  t.same(await inLine, { type: 'aborted' })
  first.abort()
  t.same(await spinning, { type: 'aborted' })
  t.same(await children.run({ type: 'echo' }, long, AbortSignal.abort()), { type: 'aborted' })
})

t.test('a job that finds the line full, or waits in it too long, is turned away', async (t) => {
  const children = queue(t, { waitMs: 100 })
  const abort = new AbortController()
  const spinning = children.run({ type: 'spin' }, long, abort.signal)
  const inLine = children.run({ type: 'echo' }, long, null)
  t.same(await children.run({ type: 'echo' }, long, null), { type: 'busy' }, 'the line is full')
  t.same(await inLine, { type: 'busy' }, 'waited too long')
  abort.abort()
  await spinning
  t.ok(await ask(children), 'and there is room again')
})

t.test('a queue that was closed takes no more jobs, and ends those at work', async (t) => {
  const children = queue(t)
  await ask(children)
  const spinning = children.run({ type: 'spin' }, long, null)
  const inLine = children.run({ type: 'echo' }, long, null)
  await new Promise(setImmediate)
  children.close()
  t.same(await spinning, { type: 'lost' })
  t.same(await inLine, { type: 'busy' })
  t.same(await children.run({ type: 'echo' }, long, null), { type: 'busy' })
})

t.test('an entry that cannot be started says nothing about the job', async (t) => {
  const children = queue(t, { entry: new URL('./no-such-file.ts', import.meta.url) })
  t.same(await children.run({ type: 'echo' }, long, null), { type: 'lost' })
})

t.test('a machine that has no descriptor left loses a job and no queue', async (t) => {
  const program = new URL('few-descriptors.ts', import.meta.url).pathname
  const command = `ulimit -n 100; exec "${process.execPath}" "${program}"`
  const { stdout } = await promisify(execFile)('/bin/sh', ['-c', command], { timeout: 60_000 })
  t.same(JSON.parse(stdout), ['lost', 'lost', 'lost', 'answer'])
})
