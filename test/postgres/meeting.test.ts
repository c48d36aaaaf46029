import t from 'tap'
import { Meeting } from '../../src/gateway/storage/postgres/meeting.ts'

/** What was done, in order. Each operation sends its rows, then waits for the locks, then reserves. */
function operations() {
  const done = new Array<string>()
  const meeting = new Meeting(async () => void done.push('locks'))
  const operation = (name: string, before: () => Promise<void> = async () => undefined) =>
    meeting.attend(async (locked) => {
      done.push(`rows of ${name}`)
      await before()
      await locked()
      done.push(`reservation of ${name}`)
    })
  return { done, meeting, operation }
}

t.test('the locks are taken once, after what every operation sends before', async (t) => {
  const { done, meeting, operation } = operations()
  const all = [operation('a'), operation('b', () => new Promise((resolve) => setImmediate(resolve)))]
  meeting.open()
  await Promise.all(all)
  t.same(done, ['rows of a', 'rows of b', 'locks', 'reservation of a', 'reservation of b'])
})

t.test('an operation that ends without asking keeps nobody waiting', async (t) => {
  const { done, meeting, operation } = operations()
  const all = [operation('a'), t.rejects(operation('b', () => Promise.reject(new Error('not allowed'))))]
  meeting.open()
  await Promise.all(all)
  t.same(done, ['rows of a', 'rows of b', 'locks', 'reservation of a'])
})

t.test('an operation that begins once the locks are held does not wait', async (t) => {
  const { done, meeting, operation } = operations()
  const first = operation('a')
  meeting.open()
  await first
  await operation('b')
  t.same(done, ['rows of a', 'locks', 'reservation of a', 'rows of b', 'reservation of b'])
})

t.test('locks that no operation asks for are not taken', async (t) => {
  const { done, meeting } = operations()
  const run = meeting.attend(async () => void done.push('refused'))
  meeting.open()
  await run
  await new Promise((resolve) => setImmediate(resolve))
  t.same(done, ['refused'])
})
