/** A sleep that can be interrupted. A wake-up just before the sleep is not lost. */
export class WakeSignal {
  #woken = false
  #resume: (() => void) | undefined

  /** Ends the current sleep, or the next one immediately. */
  wake(): void {
    this.#woken = true
    this.#resume?.()
  }

  async sleep(milliseconds: number): Promise<void> {
    if (!this.#woken) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, milliseconds)
        this.#resume = () => {
          clearTimeout(timer)
          resolve()
        }
      })
    }
    this.#resume = undefined
    this.#woken = false
  }
}
