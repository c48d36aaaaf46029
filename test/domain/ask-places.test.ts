import t from 'tap'
import { hasPlace } from '../../src/gateway/domain/characters/ask-places.ts'

const hanging = (upstreams: number, each: number): [string, number][] =>
  Array.from({ length: upstreams }, (_, place) => [`hanging-${place}`, each])

for (const [name, underWay, has] of [
  ['nothing is under way', [], true],
  ['its own places are not all taken', [['own', 15]], true],
  ['its own places are all taken', [['own', 16]], false],
  ['others have all places of their own, and some are left', [...hanging(3, 16), ['own', 15]], true],
  ['the places of all are taken', [...hanging(4, 15), ['own', 4]], false],
  ['the places of all are taken, and it has none', hanging(4, 16), true],
] as const) {
  t.test(`a character ${has ? 'is' : 'is not'} asked about where ${name}`, async (t) => {
    t.equal(hasPlace(new Map(underWay), 'own'), has)
  })
}

t.test('however many upstreams hang, no more are asked than all places and one of each', async (t) => {
  const underWay = new Map<string, number>()
  const names = Array.from({ length: 40 }, (_, place) => `upstream-${place}`)
  for (let round = 0; round < 20; round++)
    for (const name of names) if (hasPlace(underWay, name)) underWay.set(name, (underWay.get(name) ?? 0) + 1)
  const all = [...underWay.values()].reduce((sum, count) => sum + count, 0)
  t.ok(all <= 64 + names.length, String(all))
  t.equal(underWay.size, names.length)
})
