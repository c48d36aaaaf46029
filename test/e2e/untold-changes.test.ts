import { EventEmitter, once } from 'node:events'
import { mock } from 'node:test'
import { setImmediate as turn } from 'node:timers/promises'
import t from 'tap'
import { transition } from '../../src/gateway/domain/attempts/transition.ts'
import type { GenerationStorage } from '../../src/gateway/ports/generations/generation-storage.ts'
import { openChanges } from '../fixtures/change-stream.ts'
import { keys, reverse, startGateway } from './gateway.ts'

/** Whoever follows a generation looks at it this often by themselves. */
const lookMs = 5000
const studio = { authorization: `Bearer ${keys.studio}` }

t.test('who follows a generation sees a change that nobody was told of, at the next look', async (t) => {
  let stored: GenerationStorage | null = null
  const reads = new EventEmitter()
  const gateway = await startGateway(t, {
    upstreams: [reverse],
    wrap: {
      store(store) {
        stored = store
        return {
          ...store,
          current(id) {
            reads.emit('read')
            return store.current(id)
          },
        }
      },
    },
  })
  const { body } = await gateway.call('POST', '/generate', { prompt: 'a paper boat', duration: 5 })
  const path = `/generations/${body.id}`
  mock.timers.enable({ apis: ['setTimeout'] })
  t.teardown(() => mock.timers.reset())

  await using stream = await openChanges(gateway.address, studio, `${path}/events`)
  await stream.until(({ event }) => event === 'generation.queued')
  const read = once(reads, 'read')
  let isAnswered = false
  const waited = gateway.call('GET', `${path}?wait=30`).finally(() => (isAnswered = true))
  await read

  // As another node does whose notice is lost: no bus, no feed.
  const found = await storeOf(stored).get(body.id)
  if (found === null) throw new Error('it was stored')
  const { generation, version } = found
  const { generation: next, entries } = transition(generation, {
    type: 'cancel_requested',
    at: gateway.now(),
  })
  t.equal(await storeOf(stored).save(next, { version, entries, lease: null }), 'saved')

  mock.timers.tick(lookMs - 1)
  for (let turns = 0; turns < 100; turns++) await turn()
  t.equal(isAnswered, false, 'it waits')
  mock.timers.tick(1)
  t.equal((await waited).body.status, 'cancelled')
  await stream.until(({ event }) => event === 'generation.cancelled')
})

function storeOf(store: GenerationStorage | null): GenerationStorage {
  if (store === null) throw new Error('there is no store yet')
  return store
}
