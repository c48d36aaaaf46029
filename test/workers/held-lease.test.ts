import t from 'tap'
import { HeldLease, instantOf, leaseMarginMs } from '../../src/gateway/workers/held-lease.ts'

const leaseMs = 30_000

function stage() {
  const time = { monotonic: 1000, wall: 5_000_000 }
  const timer = { monotonic: () => time.monotonic, wall: () => time.wall }
  const lease = new HeldLease(timer, leaseMs, instantOf(timer))
  const pass = (ms: number): void => {
    time.monotonic += ms
    time.wall += ms
  }
  return { time, timer, lease, pass }
}

t.test('a lease is held until its margin, and longer once it was renewed', async (t) => {
  const { timer, lease, pass } = stage()
  pass(leaseMs - leaseMarginMs - 1)
  t.equal(lease.isHeld(), true)
  lease.renewed(instantOf(timer))
  pass(leaseMs - leaseMarginMs - 1)
  t.equal(lease.isHeld(), true)
  pass(1)
  t.equal(lease.isHeld(), false)
})

t.test('a renewal counts from when it was asked for, not from its answer', async (t) => {
  const { timer, lease, pass } = stage()
  const askedAt = instantOf(timer)
  pass(20_000)
  lease.renewed(askedAt)
  pass(leaseMs - leaseMarginMs - 20_000)
  t.equal(lease.isHeld(), false)
})

t.test(
  'a lease that may have ended is not held again by a renewal: another owner may have come between',
  async (t) => {
    const { timer, lease, pass } = stage()
    pass(leaseMs)
    lease.renewed(instantOf(timer))
    t.equal(lease.isHeld(), false)
  },
)

t.test('a lease ends while the machine sleeps, and when the wall clock stands still', async (t) => {
  const slept = stage()
  slept.time.wall += leaseMs
  t.equal(slept.lease.isHeld(), false, 'the monotonic clock stands still meanwhile')
  const set = stage()
  set.time.monotonic += leaseMs
  t.equal(set.lease.isHeld(), false, 'somebody set the wall clock back')
})
