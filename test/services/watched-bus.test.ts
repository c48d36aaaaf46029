import { mock } from 'node:test'
import { setImmediate as turn } from 'node:timers/promises'
import t from 'tap'
import type { Test } from 'tap'
import { createWatchedBus } from '../../src/gateway/services/watched-bus.ts'
import { createEventBus } from '../../src/gateway/storage/event-bus.ts'
import { createLogger } from '../../src/gateway/process/logger.ts'

const lookMs = 5000

function aStage(t: Test, counted: boolean) {
  mock.timers.enable({ apis: ['setTimeout'] })
  t.teardown(() => mock.timers.reset())
  const versions = new Map<string, number>()
  const stage = {
    versions,
    commits: 0,
    statements: [] as number[],
    fails: false,
    async look() {
      mock.timers.tick(lookMs)
      for (let turns = 0; turns < 60; turns++) await turn()
    },
  }
  const bus = createWatchedBus({
    bus: createEventBus(),
    async readVersions(ids) {
      stage.statements.push(ids.length)
      if (stage.fails) throw new Error('the database is gone')
      return new Map(ids.flatMap((id) => (versions.has(id) ? [[id, versions.get(id) ?? 0]] : [])))
    },
    commits: counted ? () => stage.commits : null,
    logger: createLogger('silent', { write: () => undefined }),
  })
  t.teardown(() => bus.stop())
  const told: string[] = []
  const follow = (id: string) => bus.subscribe(id, () => told.push(id))
  return { ...stage, stage, bus, told, follow }
}

t.test('who follows something is told once, and again when it was changed or removed untold', async (t) => {
  const { stage, versions, told, follow } = aStage(t, false)
  versions.set('a', 1).set('b', 1)
  follow('a')
  follow('b')
  mock.timers.tick(lookMs - 1)
  await turn()
  t.same(told, [])
  mock.timers.tick(1)
  for (let turns = 0; turns < 10; turns++) await turn()
  t.same(told.splice(0), ['a', 'b'], 'what they have read may be older than this look')
  await stage.look()
  t.same(told, [])
  versions.set('b', 2)
  await stage.look()
  t.same(told.splice(0), ['b'])
  versions.delete('a')
  await stage.look()
  t.same(told.splice(0), ['a'])
  await stage.look()
  t.same(told, [])
})

t.test(
  'ten thousand that are followed are twenty statements, and none where nothing was committed',
  async (t) => {
    const { stage, versions, told, follow } = aStage(t, true)
    const leave = Array.from({ length: 10_000 }, (_, number) => {
      versions.set(`gen_${number}`, 1)
      return follow(`gen_${number}`)
    })
    await stage.look()
    t.same(
      stage.statements.splice(0),
      Array.from({ length: 20 }, () => 500),
    )
    t.equal(told.splice(0).length, 10_000)
    await stage.look()
    t.same(stage.statements, [])
    stage.commits = 1
    versions.set('gen_7', 2)
    await stage.look()
    t.equal(stage.statements.splice(0).length, 20)
    t.same(told.splice(0), ['gen_7'])
    versions.set('new', 1)
    follow('new')
    await stage.look()
    t.same(stage.statements.splice(0), [1], 'only what is new')
    t.same(told.splice(0), ['new'])
    for (const each of leave) each()
    stage.commits = 2
    await stage.look()
    t.same(stage.statements.splice(0), [1])
  },
)

t.test('a look that fails is made again, and loses nothing', async (t) => {
  const { stage, versions, told, follow } = aStage(t, true)
  versions.set('a', 1)
  follow('a')
  await stage.look()
  told.splice(0)
  stage.fails = true
  stage.commits = 1
  versions.set('a', 2)
  await stage.look()
  t.same(told, [])
  stage.fails = false
  await stage.look()
  t.same(told, ['a'])
})

t.test('nobody looks where nothing is followed', async (t) => {
  const { stage, versions, follow } = aStage(t, false)
  versions.set('a', 1)
  const leave = follow('a')
  await stage.look()
  leave()
  await stage.look()
  stage.statements.splice(0)
  await stage.look()
  t.same(stage.statements, [])
  follow('a')
  await stage.look()
  t.same(stage.statements, [1])
})
