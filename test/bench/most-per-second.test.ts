import t from 'tap'
import { mostPerSecond } from '../../bench/cores/most-per-second.ts'

t.test(
  'what two cores could answer ends at their CPU time, or at the thread that cannot be divided',
  async (t) => {
    const rows = [
      { inAll: 400, onOneThread: 400, most: 2500, why: 'one thread does it all' },
      { inAll: 400, onOneThread: 100, most: 5000, why: 'both cores are in use' },
      { inAll: 500, onOneThread: 250, most: 4000, why: 'it divides into two halves' },
      { inAll: 600, onOneThread: 320, most: 3125, why: 'one half is a little more' },
    ]
    for (const { most, why, ...micros } of rows) t.equal(mostPerSecond(2, micros), most, why)
  },
)
