import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { open } from 'node:fs/promises'
import { StatementSync } from 'node:sqlite'
import t from 'tap'
import type { Test } from 'tap'
import { official, startGateway } from './gateway.ts'
import { startReceiver } from './receiver.ts'

/** The statements of this process from now on. */
function watchStatements(t: Test): string[] {
  const seen: string[] = []
  const original = Object.getOwnPropertyDescriptors(StatementSync.prototype)
  t.teardown(() => void Object.defineProperties(StatementSync.prototype, original))
  for (const name of ['all', 'run'] as const) {
    const { value: method } = original[name]
    if (method === undefined) throw new Error(`there is no ${name}`)
    Object.defineProperty(StatementSync.prototype, name, {
      ...original[name],
      value(this: StatementSync, ...parameters: unknown[]) {
        seen.push(this.sourceSQL)
        return Reflect.apply(method, this, parameters)
      },
    })
  }
  return seen
}

/** How often this process has asked the disk to sync a file or folder from now on. */
async function watchSyncs(t: Test): Promise<() => number> {
  const file = await open(import.meta.filename)
  const prototype: object = Object.getPrototypeOf(file)
  await file.close()
  const original: unknown = Reflect.get(prototype, 'sync')
  if (typeof original !== 'function') throw new Error('there is no sync')
  let syncs = 0
  Reflect.set(prototype, 'sync', function sync(this: unknown) {
    syncs += 1
    return Reflect.apply(original, this, [])
  })
  t.teardown(() => void Reflect.set(prototype, 'sync', original))
  return () => syncs
}

/** How many processes this one has started from now on. */
function watchChildren(t: Test): () => number {
  let children = 0
  const count = (): void => void (children += 1)
  subscribe('child_process', count)
  t.teardown(() => void unsubscribe('child_process', count))
  return () => children
}

t.test('an accept is a few statements in one commit, and a poll reads one row', async (t) => {
  const gateway = await startGateway(t, { upstreams: [official] })
  const scene = { prompt: 'a lighthouse of glass', duration: 8, metadata: { shot: '12b' } }
  const { id } = await gateway.generate(scene)
  const path = `/generations/${id}`
  await gateway.call('GET', path)

  const seen = watchStatements(t)
  await gateway.call('GET', path)
  await gateway.call('GET', path)
  t.ok(seen.length <= 2, 'at most one statement for each poll')
  for (const sql of seen) t.match(sql, /^select .* from "generations" where "id" = \?$/)

  seen.length = 0
  const { status } = await gateway.call('POST', '/generate', scene)
  t.equal(status, 202)
  t.comment(seen.join('\n'))
  t.equal(seen.filter((sql) => sql === 'commit').length, 1)
  t.notMatch(seen.join('\n'), /savepoint/)
  t.ok(seen.length <= 8, `${seen.length} statements, with those that begin and end the transaction`)
})

t.test(
  'a whole life is a bounded number of statements, commits and syncs, and starts no process',
  async (t) => {
    const gateway = await startGateway(t)
    const receiver = await startReceiver(t)
    await gateway.call('POST', '/webhook-secrets', {})
    const scene = { prompt: 'a harbour of glass', duration: 10, webhook_url: `${receiver.url}/told` }
    /** Until its end was told. */
    const live = async (): Promise<void> => {
      const told = receiver.messages.length
      await gateway.generate(scene)
      for (let steps = 0; steps < 50 && receiver.messages.length === told; steps++)
        await gateway.advance(1000)
      t.equal(receiver.messages.length, told + 1)
    }
    const started = watchChildren(t)
    await live()
    t.equal(started(), 1, 'one child inspects all videos')

    const seen = watchStatements(t)
    const syncs = await watchSyncs(t)
    await live()
    t.comment(seen.join('\n'))
    t.equal(started(), 1)
    t.ok(syncs() <= 3, 'its file, its folder, and the root where the folder is new')
    const countOf = (pattern: RegExp): number => seen.filter((sql) => pattern.test(sql)).length
    t.ok(countOf(/^commit$/) <= 18, 'with those of rounds that find nothing')
    t.ok(seen.length <= 115, `${seen.length} statements`)
    t.ok(countOf(/^insert into "attempts"/) <= 5)
    t.ok(countOf(/^update "generations" set "status"/) <= 5)
    t.equal(countOf(/^select "doc"/), 0, 'what was just stored is not read again')
    t.equal(countOf(/webhook_secrets/), 0, 'nor what it is signed with')
    // SQLite prepares such a statement anew each time that it runs.
    t.notMatch(seen.join('\n'), /limit \?/)
  },
)
