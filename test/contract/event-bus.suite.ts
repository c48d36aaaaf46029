import type { Test } from 'tap'
import type { EventBus } from '../../src/gateway/ports/event-bus.ts'

/** What every bus does for those who listen on the node that publishes. */
export async function eventBusSuite(t: Test, createEventBus: () => EventBus): Promise<void> {
  await t.test('every listener of a generation hears of its changes, and of no other', async (t) => {
    const bus = createEventBus()
    const heard: string[] = []
    bus.subscribe('gen_1', () => heard.push('first'))
    bus.subscribe('gen_1', () => heard.push('second'))
    bus.subscribe('gen_2', () => heard.push('other'))
    bus.publish('gen_1')
    t.same(heard, ['first', 'second'])
    bus.publish('gen_3')
    t.equal(heard.length, 2)
  })

  await t.test(
    'who stops listening hears nothing more, also when a listener was subscribed twice',
    async (t) => {
      const bus = createEventBus()
      let heard = 0
      const listener = () => {
        heard += 1
      }
      const stop = bus.subscribe('gen_1', listener)
      bus.subscribe('gen_1', listener)
      stop()
      stop()
      bus.publish('gen_1')
      t.equal(heard, 1)
    },
  )

  await t.test('who stops and starts again in any order still hears', async (t) => {
    const bus = createEventBus()
    let heard = 0
    const stop = bus.subscribe('gen_1', () => {})
    stop()
    bus.subscribe('gen_1', () => {
      heard += 1
    })
    stop()
    bus.publish('gen_1')
    t.equal(heard, 1)
  })

  await t.test(
    'a listener that throws disturbs neither the publisher nor the others, and is reported',
    async (t) => {
      const bus = createEventBus()
      const warned = new Promise<Error>((resolve) => {
        process.once('warning', resolve)
      })
      let heard = 0
      bus.subscribe('gen_1', () => {
        throw new Error('broken listener')
      })
      bus.subscribe('gen_1', () => {
        heard += 1
      })
      bus.publish('gen_1')
      t.equal(heard, 1)
      t.match(await warned, { cause: { message: 'broken listener' } })
    },
  )

  await t.test('listeners may come and go while they are told', async (t) => {
    const bus = createEventBus()
    const heard: string[] = []
    const stop = bus.subscribe('gen_1', () => {
      heard.push('once')
      stop()
      bus.subscribe('gen_1', () => heard.push('new'))
    })
    bus.subscribe('gen_1', () => heard.push('stays'))
    bus.publish('gen_1')
    t.same(heard, ['once', 'stays'])
    bus.publish('gen_1')
    t.same(heard, ['once', 'stays', 'stays', 'new'])
  })

  await t.test('hundreds of listeners on one generation cause no warning', async (t) => {
    const bus = createEventBus()
    const warn = (warning: Error) => t.fail(warning.message)
    process.on('warning', warn)
    t.teardown(() => process.off('warning', warn))
    const stops = Array.from({ length: 500 }, () => bus.subscribe('gen_1', () => {}))
    await new Promise((resolve) => setImmediate(resolve))
    for (const stop of stops) stop()
  })
}
