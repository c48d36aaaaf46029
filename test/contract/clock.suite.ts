import type { Test } from 'tap'
import { setBackMs } from '../../src/gateway/domain/scheduling/clock-step.ts'
import type { Clock } from '../../src/gateway/ports/clock.ts'

/** A wall clock and a monotonic clock, and how a test moves both, or only the wall clock. */
export interface ClockStage {
  clock: Clock
  monotonic: () => number
  /** Lets this many milliseconds pass. */
  pass(ms: number): Promise<void>
  /** Sets the wall clock forward or back, like an administrator would; no time passes. */
  set(byMs: number): void
}

const reading = ({ clock, monotonic }: ClockStage) => ({ wall: clock.now(), monotonic: monotonic() })

/** What the gateway requires of its two clocks. */
export function clockContract(t: Test, make: (t: Test) => Promise<ClockStage>): void {
  t.test('the wall clock tells whole milliseconds since the epoch', async (t) => {
    const { clock } = await make(t)
    t.ok(Number.isInteger(clock.now()))
    t.ok(clock.now() > Date.UTC(2026, 0, 1))
  })

  t.test('both clocks go on by the time that passes, and by the same', async (t) => {
    const stage = await make(t)
    const before = reading(stage)
    await stage.pass(50)
    const after = reading(stage)
    // Timers may fire a millisecond early; a busy machine only makes both later.
    t.ok(after.monotonic - before.monotonic >= 49)
    t.ok(after.wall - before.wall >= 49)
    t.equal(setBackMs(before, after), 0)
  })

  t.test('neither runs backwards by itself', async (t) => {
    const stage = await make(t)
    let last = reading(stage)
    for (let looks = 0; looks < 1000; looks++) {
      const next = reading(stage)
      t.ok(next.wall >= last.wall && next.monotonic >= last.monotonic)
      last = next
    }
  })

  t.test(
    'who sets the wall clock leaves the monotonic one alone, and is seen where it goes back',
    async (t) => {
      const stage = await make(t)
      const before = reading(stage)
      stage.set(-3_600_000)
      const back = reading(stage)
      t.ok(back.monotonic - before.monotonic < 60_000)
      t.ok(Math.abs(setBackMs(before, back) - 3_600_000) < 1000)
      stage.set(3_600_000)
      const again = reading(stage)
      t.ok(again.wall >= before.wall)
      t.equal(setBackMs(back, again), 0)
      t.equal(setBackMs(before, again), 0)
    },
  )
}
