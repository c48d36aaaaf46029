import t from 'tap'
import { isWithinNoise, leastOfEach, slopeOf } from '../../bench/soak/slope.ts'
import { createRandom } from '../chaos/random.ts'

const allowed = { least: 1, most: 10 }
/** 20 minutes of samples, one each ten seconds; x in units of ten minutes. */
const samples = (y: (minute: number) => number) =>
  Array.from({ length: 120 }, (_, index) => ({ x: index / 60, y: y(index / 6) }))

const garbage = (minute: number) => 150 * ((minute / 3.1) % 1)

t.test('a line has its slope, without an error', async (t) => {
  const { perUnit, error } = slopeOf(samples((minute) => 200 + 0.5 * minute))
  t.equal(Math.round(perUnit * 1e6), 5e6)
  t.ok(error < 1e-6)
})

t.test('what only goes up and down is within the noise', async (t) => {
  for (let seed = 1; seed <= 20; seed++) {
    const noise = createRandom(seed, 'noise')
    const slope = slopeOf(samples(() => 200 + 4 * noise.next()))
    t.ok(isWithinNoise(slope, allowed), `${seed}: ${slope.perUnit} ± ${slope.error}`)
  }
})

t.test('a steady growth stands out of the same noise', async (t) => {
  for (let seed = 1; seed <= 20; seed++) {
    const noise = createRandom(seed, 'noise')
    const slope = slopeOf(samples((minute) => 200 + 0.4 * minute + 4 * noise.next()))
    t.notOk(isWithinNoise(slope, allowed), `${seed}: ${slope.perUnit} ± ${slope.error}`)
    t.ok(Math.abs(slope.perUnit - 4) < 4 * slope.error, 'and is found within its error')
  }
})

t.test('samples that follow their neighbours tell less than as many independent ones', async (t) => {
  const noise = createRandom(7, 'noise')
  let level = 0
  const wandering = slopeOf(samples(() => 200 + (level = 0.9 * level + noise.next() - 0.5)))
  const other = createRandom(7, 'noise')
  const independent = slopeOf(samples(() => 200 + other.next() - 0.5))
  t.ok(wandering.error > 3 * independent.error, `${wandering.error} and ${independent.error}`)
})

t.test('noise excuses no growth beyond a bound, and none is needed to shrink', async (t) => {
  t.notOk(isWithinNoise({ perUnit: 12, error: 30 }, allowed))
  t.ok(isWithinNoise({ perUnit: 9, error: 5 }, allowed))
  t.ok(isWithinNoise({ perUnit: 0.9, error: 0.01 }, allowed))
  t.ok(isWithinNoise({ perUnit: -20, error: 0.01 }, allowed))
})

t.test('too few samples are refused', async (t) => {
  t.throws(() => slopeOf([{ x: 0, y: 1 }]), /four samples/)
})

t.test(
  'what is left after each collection has the slope of what is kept, whatever garbage is on top of it',
  async (t) => {
    const kept = leastOfEach(
      samples((minute) => 100 + 0.5 * minute + garbage(minute)),
      0.4,
    )
    t.equal(kept.length, 4)
    t.ok(Math.abs(slopeOf(kept).perUnit - 5) < 3, `${slopeOf(kept).perUnit}`)
    const flat = leastOfEach(
      samples((minute) => 100 + garbage(minute)),
      0.4,
    )
    t.ok(isWithinNoise(slopeOf(flat), allowed), `${slopeOf(flat).perUnit}`)
    t.same(leastOfEach([], 1), [])
  },
)
