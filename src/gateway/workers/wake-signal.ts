/** A sleep that can be cut short, and that does not miss a wake-up which came just before it. */
export class WakeSignal {
  #woken = false
  #resume: (() => void) | undefined

  /** Ends the current sleep, or the next one at once. */
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
