import type { Logger } from '../ports/logger.ts'
import { WakeSignal } from './wake-signal.ts'

/** Does a piece of housekeeping every so often, and at once again while there is more of it than one run does. */
export class Janitor {
  readonly #task: () => Promise<number>
  readonly #logger: Logger
  readonly #everyMs: number
  readonly #wakeSignal = new WakeSignal()
  #stopped = false
  #loop: Promise<void> | undefined

  /** `task` answers how much it did. */
  constructor(task: () => Promise<number>, logger: Logger, everyMs: number) {
    this.#task = task
    this.#logger = logger
    this.#everyMs = everyMs
  }

  start(): void {
    this.#loop ??= this.#run()
  }

  /** There may be something to do now. */
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
