import t from 'tap'
import { connectionBounds } from '../../src/gateway/http/edge/connections.ts'
import { sharedReads } from '../../src/gateway/services/generations/shared-reads.ts'
import { descriptorLimit } from '../../src/gateway/process/descriptor-limit.ts'

t.test('connections leave descriptors for everything else, and for a file each', async (t) => {
  for (const [descriptors, served, taken] of [
    [Infinity, 8192, 10_240],
    [1_048_576, 8192, 10_240],
    [20_000, 7795, 9744],
    [1024, 204, 255],
    [256, 51, 64],
    [2, 1, 2],
  ] as const) {
    t.strictSame(connectionBounds(descriptors), { served, taken }, String(descriptors))
  }
})

t.test('the limit of descriptors is read from the system, where it says one', async (t) => {
  t.equal(
    descriptorLimit(() => 'Max open files            1024                 4096                 files'),
    1024,
  )
  t.equal(
    descriptorLimit(() => 'Max open files            unlimited            unlimited            files'),
    Infinity,
  )
  t.equal(
    descriptorLimit(() => {
      throw new Error('no such file')
    }),
    Infinity,
  )
  t.ok(descriptorLimit() > 0)
})

t.test('one read serves all who ask in one turn, and a later question is read anew', async (t) => {
  let reads = 0
  const read = sharedReads(async (id: string) => `${id} ${++reads}`)
  t.strictSame(await Promise.all([read('a'), read('a'), read('a')]), ['a 1', 'a 1', 'a 1'])
  t.equal(await read('a'), 'a 2')
  const readFrom = sharedReads(async (id: string, after: number) => ({ id, after, reads: ++reads }))
  const [one, other, later] = await Promise.all([readFrom('a', 1), readFrom('a', 1), readFrom('a', 2)])
  t.equal(one, other)
  t.strictSame([one.after, later.after, reads], [1, 2, 4])
  const failing = sharedReads(async (_id: string) => Promise.reject(new Error('busy')))
  await t.rejects(failing('a'))
  await t.rejects(failing('a'), 'and nothing of it stays')
})
