import type { Page } from 'playwright-core'

/** What every player on the page shows now. Times in seconds. */
export function nowOf(
  page: Page,
): Promise<Array<{ time: number; length: number; paused: boolean; muted: boolean }>> {
  return page.locator('video').evaluateAll((all: HTMLVideoElement[]) =>
    all.map(({ currentTime, duration, paused, muted }) => ({
      time: currentTime,
      length: duration,
      paused,
      muted,
    })),
  )
}

/** How far the players are apart at each frame of the page for `forMs`, sorted, in seconds. Only looks at which all play. */
export function spreadsWhilePlaying(page: Page, forMs: number): Promise<number[]> {
  return page.evaluate(async (duration) => {
    const all = [...document.querySelectorAll('video')]
    await new Promise<void>((resolve) => {
      const look = () =>
        all.every(({ currentTime }) => currentTime > 0.1) ? resolve() : requestAnimationFrame(look)
      look()
    })
    const spreads: number[] = []
    const end = performance.now() + duration
    while (performance.now() < end) {
      await new Promise(requestAnimationFrame)
      if (!all.every(({ paused, seeking }) => !paused && !seeking)) continue
      const times = all.map(({ currentTime }) => currentTime)
      spreads.push(Math.max(...times) - Math.min(...times))
    }
    return spreads.toSorted((a, b) => a - b)
  }, forMs)
}
