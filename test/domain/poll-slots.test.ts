import t from 'tap'
import { hasPollSlot } from '../../src/gateway/domain/characters/poll-slots.ts'

const hanging = (upstreams: number, each: number): [string, number][] =>
  Array.from({ length: upstreams }, (_, number) => [`hanging-${number}`, each])

for (const [name, underWay, has] of [
  ['nothing is under way', [], true],
  ['its own slots are not all taken', [['own', 15]], true],
  ['its own slots are all taken', [['own', 16]], false],
  ['others have all their own slots, and some are left', [...hanging(3, 16), ['own', 15]], true],
  ['all slots are taken', [...hanging(4, 15), ['own', 4]], false],
  ['all slots are taken, and it has none', hanging(4, 16), true],
] as const) {
  t.test(`a character ${has ? 'is' : 'is not'} polled if ${name}`, async (t) => {
    t.equal(hasPollSlot(new Map(underWay), 'own'), has)
  })
}

t.test('however many upstreams hang, no more are polled than all slots and one of each', async (t) => {
  const underWay = new Map<string, number>()
  const names = Array.from({ length: 40 }, (_, number) => `upstream-${number}`)
  for (let round = 0; round < 20; round++)
    for (const name of names)
      if (hasPollSlot(underWay, name)) underWay.set(name, (underWay.get(name) ?? 0) + 1)
  const all = [...underWay.values()].reduce((sum, count) => sum + count, 0)
  t.ok(all <= 64 + names.length, String(all))
  t.equal(underWay.size, names.length)
})
