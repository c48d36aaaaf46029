import * as fc from 'fast-check'
import t from 'tap'
import { bufferSize, createReadBuffers } from '../../src/gateway/media/archive/read-buffers.ts'
import type { ReadBuffer } from '../../src/gateway/media/archive/read-buffers.ts'

const bounds = { most: 1024, largest: 256, smallest: 16 }

t.test('one reader has the largest buffer, and many have an equal part', async (t) => {
  const rows = [
    [1, 0, 256],
    [4, 768, 256],
    [5, 800, 128],
    [8, 896, 128],
    [16, 960, 64],
    [64, 1008, 16],
    // Others hold what they had when they were few.
    [8, 1000, 16],
    [1000, 50_000, 16],
  ] as const
  for (const [readers, others, size] of rows)
    t.equal(bufferSize(bounds, { readers, others }), size, `${readers} readers beside ${others} bytes`)
})

t.test('memory does not grow with readers, however they come, read and go', async () => {
  const act = fc.record({ what: fc.constantFrom('join', 'next', 'leave', 'give back'), who: fc.nat(200) })
  fc.assert(
    fc.property(fc.array(act, { maxLength: 400 }), (acts) => {
      const buffers = createReadBuffers(bounds)
      const readers: ReadBuffer[] = []
      const sizes = new Map<ReadBuffer, number>()
      for (const { what, who } of acts) {
        const reader = readers[who % Math.max(1, readers.length)]
        if (what === 'join') readers.push(buffers.join())
        else if (reader === undefined) continue
        else if (what === 'next') sizes.set(reader, reader.next().length)
        else {
          if (what === 'leave') reader.leave()
          reader.giveBack()
          readers.splice(readers.indexOf(reader), 1)
          sizes.delete(reader)
        }
        const held = [...sizes.values()].reduce((sum, size) => sum + size, 0)
        if (buffers.held() !== held) throw new Error(`${buffers.held()} are counted of ${held}`)
        if (held > bounds.most + readers.length * bounds.smallest) throw new Error(`${held} are held`)
        if ([...sizes.values()].some((size) => size < bounds.smallest || size > bounds.largest))
          throw new Error('a reader has too little or too much')
      }
      for (const reader of readers) reader.leave()
      if (buffers.held() !== 0) throw new Error('somebody who left is counted')
    }),
  )
})

t.test('no two readers have the same buffer', async (t) => {
  const buffers = createReadBuffers(bounds)
  const first = buffers.join()
  const early = first.next()
  first.giveBack()
  first.giveBack()
  const readers = Array.from({ length: 40 }, () => buffers.join())
  const given = readers.map((reader) => reader.next())
  t.equal(new Set(given.map(({ buffer }) => buffer)).size, 40)
  t.notOk(given.includes(early), 'it has another size than 40 readers get')
  for (const reader of readers.slice(1)) reader.giveBack()
  t.equal(readers[0]?.next(), early, 'who is alone again has what the one before had')
})
