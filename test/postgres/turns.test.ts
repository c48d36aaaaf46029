import t from 'tap'
import { exclusive, shared, type Lock } from '../../src/gateway/storage/engine/write-options.ts'
import { HeldLocks, lockStatement } from '../../src/gateway/storage/postgres/held-locks.ts'
import { Turns } from '../../src/gateway/storage/postgres/turns.ts'

const last = (name: string): Lock => ({ ...exclusive(name), last: true })
const atomic = (name: string): Lock => ({ ...exclusive(name), inOneStatement: true })

/** The order in which operations with these locks begin and end, where each takes three turns of the event loop. */
async function order(...locks: Lock[][]): Promise<string> {
  const turns = new Turns()
  const seen: string[] = []
  await Promise.all(
    locks.map((each, index) =>
      turns.take(each, async () => {
        seen.push(`${index}(`)
        for (let turn = 0; turn < 3; turn++) await new Promise((resolve) => setImmediate(resolve))
        seen.push(`)${index}`)
      }),
    ),
  )
  return seen.join(' ')
}

t.test(
  'operations of one transaction wait for those that have a lock in common with them, and for no others',
  async (t) => {
    t.equal(await order([exclusive('a')], [exclusive('b')], []), '0( 1( 2( )0 )1 )2')
    t.equal(await order([exclusive('a')], [exclusive('a')], [exclusive('a')]), '0( )0 1( )1 2( )2')
    t.equal(
      await order([shared('a')], [shared('a')], [exclusive('a')], [shared('a')]),
      '0( 1( )0 )1 2( )2 3( )3',
    )
    t.equal(await order([exclusive('a')], [shared('a')], [shared('a')]), '0( )0 1( 2( )1 )2')
    t.equal(
      await order([atomic('a')], [atomic('a')], [exclusive('a')], [atomic('a')]),
      '0( 1( )0 )1 2( )2 3( )3',
    )
    t.equal(await order([atomic('k'), exclusive('x')], [atomic('k'), exclusive('x')]), '0( )0 1( )1')
  },
)

t.test('an operation that fails lets the next one go on', async (t) => {
  const turns = new Turns()
  const failing = turns.take([exclusive('a')], () => Promise.reject(new Error('changed my mind')))
  const next = turns.take([exclusive('a')], () => Promise.resolve('next'))
  await t.rejects(failing, /changed my mind/)
  t.equal(await next, 'next')
})

t.test('locks are taken in the order of their names, once, and in the stronger way', (t) => {
  const statement = lockStatement([shared('b'), exclusive("a'\\"), exclusive('b'), shared('b')])
  t.equal(
    statement,
    String.raw`select pg_advisory_xact_lock(hashtextextended(E'a''\\', 0)), pg_advisory_xact_lock(hashtextextended(E'b', 0))`,
  )
  t.equal(lockStatement([shared('a')]), "select pg_advisory_xact_lock_shared(hashtextextended(E'a', 0))")
  t.equal(lockStatement([]), '')
  t.end()
})

t.test('the last locks come after all others', (t) => {
  const names = [...lockStatement([last('a'), exclusive('c'), last('b'), shared('d')]).matchAll(/E'(.)'/g)]
  t.same(
    names.map(([, name]) => name),
    ['c', 'd', 'a', 'b'],
  )
  t.end()
})

t.test('a lock that is held shared fits with others that are shared', (t) => {
  const held = new HeldLocks()
  held.add([shared('a'), shared('a'), exclusive('b')])
  t.ok(held.fits([shared('a'), exclusive('c')]))
  t.notOk(held.fits([exclusive('a')]))
  t.notOk(held.fits([shared('b')]))
  held.remove([shared('a')])
  t.notOk(held.fits([exclusive('a')]))
  held.remove([shared('a'), exclusive('b')])
  t.ok(held.fits([exclusive('a'), exclusive('b')]))
  t.end()
})
