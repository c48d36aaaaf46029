import { readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import type { Worker } from 'node:worker_threads'
import t from 'tap'
import { createReportReader } from '../../src/gateway/storage/engine/report-reader.ts'

const sum = (value: number) => ({ sql: 'select sum(x) + ? as y from n', parameters: [value] })

t.test('reports share one thread until one fails, and each has a time limit', async (t) => {
  const file = join(t.testdir(), 'reports.db')
  using database = new DatabaseSync(file)
  database.exec('create table n (x integer); insert into n values (1), (2)')
  let threads = 0
  let listeners: (() => number) | undefined
  const count = (worker: Worker) => {
    threads++
    listeners = () => worker.listenerCount('exit')
  }
  process.on('worker', count)
  t.teardown(() => process.off('worker', count))
  const report = createReportReader(file, { limitMs: 20_000, mostWaiting: 4 })

  const answers = await Promise.all([report([sum(0)]), report([sum(1), sum(2)])])
  t.strictSame(answers, [[[{ y: 3 }]], [[{ y: 4 }], [{ y: 5 }]]])
  database.exec('insert into n values (7)')
  t.strictSame(await report([sum(0)]), [[{ y: 10 }]], 'each report reads what was written before it')
  for (let n = 0; n < 12; n++) await report([sum(n)])
  t.equal(threads, 1)
  t.ok((listeners?.() ?? 99) <= 1, 'a report leaves no listener behind')

  await t.rejects(report([{ sql: 'select no_such_column from n', parameters: [] }]), /no_such_column/)
  t.strictSame(await report([sum(0)]), [[{ y: 10 }]], 'an error takes only its own thread along')
  t.equal(threads, 2)

  const hasty = createReportReader(file, { limitMs: 500, mostWaiting: 4 })
  database.exec('begin exclusive')
  await t.rejects(hasty([sum(0)]), { code: 'busy', message: /took too long/ })
  database.exec('rollback')
})

t.test(
  'a thread that reads gives way to the event loop',
  { skip: process.platform !== 'linux' },
  async (t) => {
    const file = join(t.testdir(), 'reports.db')
    using database = new DatabaseSync(file)
    database.exec('create table n (x integer)')
    const own = priorityOf(process.pid)
    const before = new Set(threads())
    await createReportReader(file)([sum(0)])

    const priorities = threads().flatMap((thread) => (before.has(thread) ? [] : [priorityOf(thread)]))
    t.ok(priorities.includes(own + 5), 'the thread is kept for a while, with a lower priority')
    t.equal(priorityOf(process.pid), own, 'that of the event loop stays as it was')
  },
)

const threads = (): string[] => readdirSync('/proc/self/task')

/** The 19th field; the second one is a name in brackets and may contain spaces. See proc_pid_stat(5). */
function priorityOf(thread: string | number): number {
  const text = readFileSync(`/proc/self/task/${thread}/stat`, 'utf8')
  return Number(text.slice(text.lastIndexOf(')') + 2).split(' ')[16])
}
