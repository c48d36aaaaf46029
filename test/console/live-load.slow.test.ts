import t from 'tap'
import type { CDPSession, Page } from 'playwright-core'
import { keys } from '../e2e/gateway.ts'
import { startBrowser, visit, withoutBrowser } from './browser.ts'
import { watchTasks } from './busy-tasks.ts'
import { startLoad } from './load-stage.ts'

t.setTimeout(180_000)

const count = 1000
/** How many change in a second, and how many must arrive: a busy machine falls behind. */
const perSecond = 60
const leastPerSecond = 40
const watchedSeconds = 15
/** Above this a page does not answer at once. */
const longestMs = 100
/** The same on a processor 2.5 times as slow; a few tasks may have to clean up. */
const usualMs = 40

/** What the stream brought to the page. */
function countFrames(devtools: CDPSession): () => number {
  let frames = 0
  devtools.on('Network.eventSourceMessageReceived', ({ eventName }) => {
    if (eventName === 'generation.changed') frames++
  })
  return () => frames
}

/** What is left after the garbage was taken away: MB of the heap, and nodes of the page, also those that are not shown any more. */
async function memory(devtools: CDPSession): Promise<{ heapMb: number; nodes: number }> {
  // What one collection lets go of, such as entries of weak maps, the next one takes away.
  for (let times = 0; times < 3; times++) await devtools.send('HeapProfiler.collectGarbage')
  const { usedSize } = await devtools.send('Runtime.getHeapUsage')
  const { nodes } = await devtools.send('Memory.getDOMCounters')
  return { heapMb: usedSize / 1_000_000, nodes }
}

/** Presses "Show more" until everything is there; from within, since to look for a button among 1,000 rows takes a while each time. */
async function showAll(page: Page): Promise<void> {
  await page.evaluate(async (rows) => {
    const end = performance.now() + 60_000
    // There is no button before the first rows are there, nor while more of them are asked for.
    while (performance.now() < end && document.querySelectorAll('tr[data-id]').length < rows) {
      document.querySelector<HTMLButtonElement>('.gen-more button')?.click()
      await new Promise((resolve) => setTimeout(resolve, 50))
    }
  }, count)
}

const shownProgress = (page: Page) =>
  page.evaluate(() =>
    [...document.querySelectorAll<HTMLProgressElement>('tr[data-id] progress')].reduce(
      (sum, { value }) => sum + value,
      0,
    ),
  )

const hasRows = (rows: number) => document.querySelectorAll('tr[data-id]').length === rows

t.test(
  'a list of 1,000 stays quick and small while more than 40 of them change in a second',
  { skip: withoutBrowser },
  async (t) => {
    const browser = await startBrowser(t)
    const gateway = await startLoad(t, { count, everySeconds: count / perSecond, endsEach: 20 })
    const { page, context, open } = await visit(t, browser, gateway.address, { key: keys.studio })
    const devtools = await context.newCDPSession(page)
    await devtools.send('Network.enable')
    const frames = countFrames(devtools)
    await open('/generations')
    await page.getByText('Live', { exact: true }).waitFor()
    await showAll(page)
    await page.waitForFunction(hasRows, count, { timeout: 90_000 })

    const watch = async () => {
      const before = { frames: frames(), progress: await shownProgress(page), at: performance.now() }
      const tasks = await watchTasks(devtools)
      await page.waitForTimeout(watchedSeconds * 1000)
      const { longest, total } = await tasks.end()
      const seconds = (performance.now() - before.at) / 1000
      const rate = (frames() - before.frames) / seconds
      t.comment(
        `${rate.toFixed(1)} changes a second; tasks took ${total} ms, the longest ${longest.join(', ')} ms`,
      )
      t.ok(rate >= leastPerSecond, `${rate.toFixed(1)} changes arrive in a second`)
      t.ok((longest[0] ?? Infinity) <= longestMs, `no task takes more than ${longestMs} ms`)
      t.ok((longest[4] ?? Infinity) <= usualMs, `only a few take more than ${usualMs} ms`)
      t.ok(
        (await shownProgress(page)) - before.progress > 0.5 * leastPerSecond * seconds,
        'rows show what came',
      )
      return memory(devtools)
    }
    const middle = await watch()
    const end = await watch()
    t.comment(
      `${middle.heapMb.toFixed(2)} MB and ${middle.nodes} nodes; then ${end.heapMb.toFixed(2)} MB and ${end.nodes} nodes`,
    )
    t.ok(end.heapMb - middle.heapMb < 2, 'the heap does not grow')
    t.ok(end.nodes - middle.nodes <= 50, 'nor does the page')
    await page.waitForFunction(hasRows, count, { timeout: 90_000 })
  },
)
