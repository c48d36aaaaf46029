import { setTimeout as pause } from 'node:timers/promises'
import t from 'tap'
import type { CDPSession } from 'playwright-core'
import { official, startGateway } from '../e2e/gateway.ts'
import { startBrowser, visit, withoutBrowser } from './browser.ts'
import { everyKey, everyScope } from './full-stage.ts'

t.setTimeout(180_000)

const generations = 1000
const changesPerSecond = 50
const watchedMs = 30_000
const mostTaskMs = 100
/** What the heap may grow by: collections are not exact. */
const mostGrowth = 3 * 2 ** 20

/** Renders for so long that nothing ends meanwhile, and is asked about each job every 20 seconds. */
const farm = { ...official, id: 'farm', render: { milliseconds: 400_000 } }

async function heapOf(session: CDPSession): Promise<number> {
  await session.send('HeapProfiler.collectGarbage')
  const { usedSize } = await session.send('Runtime.getHeapUsage')
  return usedSize
}

t.test(
  '1,000 generations and 50 changes a second: no task above 100 ms, and memory stays flat',
  { skip: withoutBrowser },
  async (t) => {
    const browser = await startBrowser(t)
    const gateway = await startGateway(t, {
      live: true,
      patient: true,
      upstreams: [farm],
      settings: {
        farm: {
          poll: { first_after_seconds: 20, every_seconds: generations / changesPerSecond },
          limits: { polls_per_second: changesPerSecond },
          timeouts: { stall_seconds: 900, attempt_seconds: 3600 },
        },
      },
      keys: { other: { scopes: everyScope } },
    })
    const as = { authorization: `Bearer ${everyKey}` }
    for (let made = 0; made < generations; made += 20)
      await Promise.all(
        Array.from({ length: 20 }, async (_each, index) => {
          const body = { prompt: `Lantern ${made + index} over the harbour`, duration: 8, size: '320x240' }
          const { status } = await gateway.call('POST', '/generate', body, as)
          if (status !== 202) throw new Error(`answered ${status}`)
        }),
      )

    for (;;) {
      const { body } = await gateway.call('GET', '/generations/counts', undefined, as)
      if (body.by_attempt_state?.running === generations) break
      await pause(500)
    }

    const { page, context, open } = await visit(t, browser, gateway.address, { key: everyKey })
    await open('/generations')
    const rows = page.locator('tr[data-id]')
    for (let shown = 50; shown < generations; shown += 50) {
      await rows.nth(shown - 1).waitFor({ state: 'attached' })
      await page.getByRole('button', { name: 'Show more' }).click()
    }
    await rows.nth(generations - 1).waitFor({ state: 'attached' })
    await page.getByText('Live', { exact: true }).waitFor()
    const session = await context.newCDPSession(page)
    const before = await heapOf(session)
    const seen = await page.evaluate(async (ms) => {
      const tasks: number[] = []
      const changed = new Set<string>()
      let changes = 0
      const tasksSeen = new PerformanceObserver((list) => {
        for (const { duration } of list.getEntries()) tasks.push(Math.round(duration))
      })
      tasksSeen.observe({ type: 'longtask' })
      const rowsSeen = new MutationObserver((records) => {
        for (const { target } of records) {
          changes++
          const id = target.parentElement?.closest('tr')?.getAttribute('data-id') ?? ''
          changed.add(id)
        }
      })
      rowsSeen.observe(document.body, { subtree: true, attributes: true, attributeFilter: ['value'] })
      await new Promise((resolve) => setTimeout(resolve, ms))
      tasksSeen.disconnect()
      rowsSeen.disconnect()
      return { tasks, changes, rows: changed.size }
    }, watchedMs)
    const after = await heapOf(session)
    const slowest = Math.max(0, ...seen.tasks)
    t.comment(
      `${seen.changes} changes of ${seen.rows} rows in ${watchedMs / 1000} s; slowest task ${slowest} ms; heap ${before} → ${after}`,
    )
    t.ok(seen.changes > (changesPerSecond * watchedMs) / 1000 / 4, 'rows change all the time')
    t.ok(seen.rows > generations / 4, 'many of them')
    t.ok(slowest <= mostTaskMs, `the slowest task took ${slowest} ms`)
    t.ok(after - before < mostGrowth, `the heap grew by ${after - before} bytes`)
  },
)
