import type { Logger } from '../ports/logger.ts'
import { Waker } from './wake-signal.ts'

/** Does a piece of housekeeping every so often, and at once again while there is more of it than one run does. */
export class Janitor {
  readonly #tidy: () => Promise<number>
  readonly #logger: Logger
  readonly #everyMs: number
  readonly #waker = new Waker()
  #stopped = false
  #loop: Promise<void> | undefined

  /** `tidy` answers how much it did. */
  constructor(tidy: () => Promise<number>, logger: Logger, everyMs: number) {
    this.#tidy = tidy
    this.#logger = logger
    this.#everyMs = everyMs
  }

  start(): void {
    this.#loop ??= this.#run()
  }

  /** There may be something to do now. */
  nudge(): void {
    this.#waker.wake()
  }

  async stop(): Promise<void> {
    this.#stopped = true
    this.#waker.wake()
    await this.#loop
  }

  async #run(): Promise<void> {
    while (!this.#stopped) {
      const done = await this.#tidy().catch((error: unknown) => {
        this.#logger.error({ err: error }, 'housekeeping failed; it is tried again later')
        return 0
      })
      if (done === 0) await this.#waker.sleep(this.#everyMs)
    }
  }
}
