import type { Logger } from '../ports/logger.ts'
import { WakeSignal } from './wake-signal.ts'

/** Runs a cleanup task at an interval, and again immediately while a run does not finish the work. */
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
      const done = await this.#task().catch((error: unknown) => {
        this.#logger.error({ err: error }, 'housekeeping failed; retrying later')
        return 0
      })
      if (done === 0) await this.#wakeSignal.sleep(this.#everyMs)
    }
  }
}
