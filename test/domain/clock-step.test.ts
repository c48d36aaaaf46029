import t from 'tap'
import { broughtBack, setBackMs } from '../../src/gateway/domain/scheduling/clock-step.ts'

const hour = 3_600_000
const before = { wall: 10 * hour, monotonic: 500 }

for (const [name, wall, passed, back] of [
  ['time that passes', 10 * hour + 1000, 1000, 0],
  ['a long pause of the process', 11 * hour, hour, 0],
  ['a clock that is slewed', 10 * hour, 1000, 0],
  ['a clock that is put forward', 11 * hour, 1000, 0],
  ['a clock that is set back an hour', 9 * hour + 1000, 1000, hour],
  ['a clock that is set back less than passed', 10 * hour + 1000, 6000, 5000],
] as const) {
  t.test(`${name}: set back by ${back} ms`, async (t) => {
    t.equal(setBackMs(before, { wall, monotonic: 500 + passed }), back)
  })
}

t.test('what lies ahead comes as soon as it would have come; what has come stays', async (t) => {
  t.equal(broughtBack(hour + 5000, hour, 1000), 5000)
  t.equal(broughtBack(hour + 5000, 2 * hour, 1000), 1000)
  t.equal(broughtBack(900, hour, 1000), 900)
})
