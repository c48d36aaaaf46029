import { EventEmitter, once } from 'node:events'
import t from 'tap'
import type { Test } from 'tap'
import type { Notices } from '../../src/gateway/ports/notices.ts'
import { createEventBus } from '../../src/gateway/storage/event-bus.ts'
import { openNotices } from '../../src/gateway/storage/fleet/notices.ts'
import type { SharedNotices } from '../../src/gateway/storage/fleet/notices.ts'
import { eventBusSuite } from '../contract/event-bus.suite.ts'
import { pino } from 'pino'
import { startCutProxy } from './cut-proxy.ts'
import { skipsPostgres, startPostgres } from './server.ts'

const skip = skipsPostgres()
const server = skip === false ? await startPostgres() : null
t.teardown(() => server?.remove())
const url = (await server?.database('notices')) ?? ''

/** Notices of a node that listens, and what it hears. */
async function node(t: Test, at = url): Promise<{ notices: SharedNotices; heard: Heard }> {
  const notices = openNotices({ options: { connectionString: at }, logger: pino({ level: 'silent' }) })
  t.teardown(() => notices[Symbol.asyncDispose]())
  const heard = hear(notices)
  await heard.next('missed')
  return { notices, heard }
}

type Heard = ReturnType<typeof hear>

function hear(notices: Notices) {
  const all: string[] = []
  const unread = new Map<string, unknown[]>()
  const emitter = new EventEmitter()
  const say = (what: string, more: unknown = null): void => {
    all.push(more === null ? what : `${what} ${JSON.stringify(more)}`)
    unread.set(what, [...(unread.get(what) ?? []), more])
    emitter.emit('any')
  }
  notices.listen({
    changed: (ids) => say('changed', ids),
    removed: (removals) => say('removed', removals),
    work: () => say('work'),
    copies: () => say('copies'),
    missed: () => say('missed'),
  })
  return {
    all,
    /** The next one that this was not called for yet. */
    async next(what: string): Promise<unknown> {
      const signal = AbortSignal.timeout(10_000)
      while ((unread.get(what) ?? []).length === 0) await once(emitter, 'any', { signal })
      return unread.get(what)?.shift()
    },
  }
}

t.test(
  'when a node ends, the others look again at everything: its last change may not have been told',
  { skip },
  async (t) => {
    const first = await node(t)
    const ending = await node(t)
    await untilSeen()
    await ending.notices[Symbol.asyncDispose]()
    await first.heard.next('missed')
  },
)

/** Resolves once all sessions that listen have looked again at who else does. */
async function untilSeen(): Promise<void> {
  const text = `select count(*) filter (where query_start < (select max(backend_start) from pg_stat_activity
    where application_name = 'understudy-listen')) as behind from pg_stat_activity where application_name = 'understudy-listen'`
  const signal = AbortSignal.timeout(10_000)
  for (;;) {
    signal.throwIfAborted()
    const [row] = (await server?.query(url, text)) ?? []
    if (JSON.stringify(row) === '{"behind":"0"}' || JSON.stringify(row) === '{"behind":0}') return
  }
}

t.test('behind a pooler that tells nothing, all is looked at every few seconds', { skip }, async (t) => {
  const notices = openNotices({
    options: { connectionString: url },
    isPooled: true,
    logger: pino({ level: 'silent' }),
  })
  t.teardown(() => notices[Symbol.asyncDispose]())
  const heard = hear(notices)
  for (let count = 0; count < 3; count++) await heard.next('missed')
})

t.test('the bus of a node among several', { skip }, async (t) => {
  const { notices } = await node(t)
  await eventBusSuite(t, () => createEventBus(notices))
})

t.test(
  'a change on one node reaches who listens on another, and not the node itself twice',
  { skip },
  async (t) => {
    const [a, b] = [await node(t), await node(t)]
    const [busA, busB] = [createEventBus(a.notices), createEventBus(b.notices)]
    let own = 0
    busA.subscribe('gen_1', () => own++)
    const told = new Promise<void>((resolve) => void busB.subscribe('gen_1', resolve))
    const begun = performance.now()
    busA.publish('gen_1')
    await told
    t.comment(`told after ${Math.round(performance.now() - begun)} ms`)
    b.notices.changed('gen_2')
    await a.heard.next('changed')
    t.equal(own, 1)
    t.notOk(a.heard.all.some((each) => each.includes('gen_1')))
  },
)

t.test('what happens within 10 ms is one notice, without repetitions', { skip }, async (t) => {
  const [a, b] = [await node(t), await node(t)]
  for (let count = 0; count < 3; count++) {
    a.notices.changed('gen_1')
    a.notices.changed('gen_2')
    a.notices.work()
    a.notices.removed({ id: 'gen_3', tenant: 'studio' })
  }
  await b.heard.next('removed')
  t.same(b.heard.all.slice(1), [
    'changed ["gen_1","gen_2"]',
    'work',
    'removed [{"id":"gen_3","tenant":"studio"}]',
  ])
})

t.test(
  'a thousand ids fit into a few notices; of many more the others look at everything',
  { skip },
  async (t) => {
    const [a, b] = [await node(t), await node(t)]
    const ids = Array.from({ length: 1000 }, (_each, index) => `gen_${String(index).padStart(26, '0')}`)
    for (const id of ids) a.notices.changed(id)
    const got: unknown[] = []
    while (got.length < ids.length) got.push(...[await b.heard.next('changed')].flat())
    t.same(got, ids)
    for (let index = 0; index < 20_000; index++) a.notices.changed(`gen_${index}`)
    await b.heard.next('missed')
    t.pass('no notice was too long for the server')
  },
)

t.test(
  'a listening connection that is cut is made again, and its node looks at everything',
  { skip },
  async (t) => {
    const proxy = await startCutProxy(url)
    t.teardown(() => proxy.close())
    const [a, b] = [await node(t), await node(t, proxy.url)]
    proxy.refuse(true)
    proxy.cut()
    a.notices.changed('gen_lost')
    await a.notices.flush()
    const looks = b.heard.next('missed')
    proxy.refuse(false)
    await looks
    a.notices.changed('gen_2')
    t.same(await b.heard.next('changed'), ['gen_2'])
  },
)

t.test('what a node could not tell makes the others look at everything once it can', { skip }, async (t) => {
  const proxy = await startCutProxy(url)
  t.teardown(() => proxy.close())
  const [a, b] = [await node(t, proxy.url), await node(t)]
  proxy.refuse(true)
  proxy.cut()
  a.notices.changed('gen_1')
  const looks = b.heard.next('missed')
  proxy.refuse(false)
  await looks
  t.pass('told')
})

t.test(
  'a network that drops everything without a word is noticed within a few seconds',
  { skip },
  async (t) => {
    const proxy = await startCutProxy(url)
    t.teardown(() => proxy.close())
    const { heard } = await node(t, proxy.url)
    proxy.drop(true)
    const begun = performance.now()
    const looks = heard.next('missed')
    setTimeout(() => {
      proxy.drop(false)
      proxy.refuse(false)
    }, 3000)
    await looks
    t.ok(performance.now() - begun < 9000)
  },
)

t.test('the server may end the session that listens', { skip }, async (t) => {
  const { heard } = await node(t)
  const looks = heard.next('missed')
  await server?.query(
    url,
    `select pg_terminate_backend(pid) from pg_stat_activity where query like 'listen%' and datname = 'notices'`,
  )
  await looks
  t.pass('listens again')
})

t.test('words of others on the channel are ignored', { skip }, async (t) => {
  const { heard } = await node(t)
  for (const text of ['', 'x', '[1]', '{"changed":1}'])
    await server?.query(url, `notify understudy, '${text}'`)
  await server?.query(url, `notify understudy, '{"copies":true}'`)
  await heard.next('copies')
  t.same(heard.all, ['missed', 'copies'])
})
