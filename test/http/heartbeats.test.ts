import { mock } from 'node:test'
import { PassThrough } from 'node:stream'
import { setImmediate as turn } from 'node:timers/promises'
import t from 'tap'
import { createHeartbeats } from '../../src/gateway/http/edge/heartbeats.ts'

const everyMs = 15_000

t.test('every stream gets one comment in its time, and no two timers run', async (t) => {
  mock.timers.enable({ apis: ['setInterval'] })
  t.teardown(() => mock.timers.reset())
  const made = t.capture(globalThis, 'setInterval', setInterval)
  const heartbeats = createHeartbeats(everyMs)
  const streams: PassThrough[] = []
  for (let round = 0; round < 10; round++) {
    for (let count = 0; count < 20; count++) {
      const stream = new PassThrough()
      streams.push(stream)
      heartbeats.keep(stream)
    }
    mock.timers.tick(700)
  }
  const said = () => streams.map((stream) => stream.readableLength / ': \n\n'.length)
  t.same(new Set(said()), new Set([0]))
  mock.timers.tick(everyMs)
  t.same(new Set(said()), new Set([1]))
  mock.timers.tick(everyMs)
  t.same(new Set(said()), new Set([2]))
  t.equal(made().length, 1)
})

t.test('who reads slowly, has ended or is gone gets none; without streams there is no timer', async (t) => {
  mock.timers.enable({ apis: ['setInterval'] })
  t.teardown(() => mock.timers.reset())
  const made = t.capture(globalThis, 'setInterval', setInterval)
  const cleared = t.capture(globalThis, 'clearInterval', clearInterval)
  const heartbeats = createHeartbeats(everyMs)
  const slow = new PassThrough({ writableHighWaterMark: 1, readableHighWaterMark: 1 })
  const ended = new PassThrough()
  const gone = new PassThrough()
  for (const stream of [slow, ended, gone]) heartbeats.keep(stream)
  slow.write('frame')
  slow.write('frame')
  ended.end()
  gone.destroy()
  const length = slow.writableLength + slow.readableLength
  mock.timers.tick(everyMs * 3)
  t.equal(slow.writableLength + slow.readableLength, length)
  t.equal(ended.readableLength, 0)
  t.equal(cleared().length, 0)
  for (const stream of [slow, ended]) stream.destroy()
  await turn()
  t.equal(cleared().length, 1)
  heartbeats.keep(gone)
  t.equal(made().length, 1, 'for who is gone there is none')
})
