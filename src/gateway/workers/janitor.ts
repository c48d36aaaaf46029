import type { Logger } from '../ports/logger.ts'
import { WakeSignal } from './wake-signal.ts'

/**
 * Between runs of a task that does not finish its work: as often as a run takes, so that callers have most of the time, and no more
 * than half a second, since a run may be short of work and long of waiting.
 */
const pauses = { perRun: 2, mostMs: 500 }

/** Runs a cleanup task at an interval, and again after a short pause while a run does not finish the work. */
export class Janitor {
  readonly #task: () => Promise<number>
  readonly #logger: Logger
  readonly #everyMs: number
  readonly #wakeSignal = new WakeSignal()
  #stopped = false
  #loop: Promise<void> | undefined

  /** `task` returns how much it did. */
  constructor(task: () => Promise<number>, logger: Logger, everyMs: number) {
    this.#task = task
    this.#logger = logger
    this.#everyMs = everyMs
  }

  start(): void {
    this.#loop ??= this.#run()
  }

  /** Runs the task now instead of at the next interval. */
  nudge(): void {
    this.#wakeSignal.wake()
  }

  async stop(): Promise<void> {
    this.#stopped = true
    this.#wakeSignal.wake()
    await this.#loop
  }

  async #run(): Promise<void> {
    while (!this.#stopped) {
      const startedAt = performance.now()
      const done = await this.#task().catch((error: unknown) => {
        this.#logger.error({ err: error }, 'housekeeping failed; retrying later')
        return 0
      })
      const pauseMs = Math.min(pauses.mostMs, (performance.now() - startedAt) * pauses.perRun)
      await this.#wakeSignal.sleep(done === 0 ? this.#everyMs : pauseMs)
    }
  }
}
