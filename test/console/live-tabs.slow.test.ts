import t from 'tap'
import { keys } from '../e2e/gateway.ts'
import { startBrowser, visit, withoutBrowser } from './browser.ts'
import { startStudio } from './studio-stage.ts'
import { generate, live, openTab, row, sorted, watchStreams } from './tab-stage.ts'

t.setTimeout(120_000)

t.test('tabs share one stream, which the next one takes over', { skip: withoutBrowser }, async (t) => {
  const gateway = await startStudio(t)
  const { address } = gateway
  const browser = await startBrowser(t)
  const { page, context, open } = await visit(t, browser, address, { key: keys.studio })
  const streams = watchStreams(context)
  await open('/generations')
  await live(page)
  const tabs = [page, await openTab(context, address), await openTab(context, address)]
  t.ok(await page.evaluate(() => 'locks' in navigator))
  await generate(gateway, 'For all of them')
  await Promise.all(tabs.map((tab) => row(tab, 'For all of them').waitFor()))
  t.equal(streams.seen.most, 1, 'of three tabs, one holds a stream')
  t.strictSame(streams.leaders(), [page], 'the first one')

  await page.keyboard.press('l')
  await page.getByText('Live updates off').waitFor()
  const [leader, follower] = await sorted(streams.leaders, tabs.slice(1))
  await generate(gateway, 'Without the first')
  await Promise.all(tabs.slice(1).map((tab) => row(tab, 'Without the first').waitFor()))
  // As long as it would ask by itself if the stream were lost.
  await page.waitForTimeout(6000)
  t.equal(await row(page, 'Without the first').count(), 0, 'who switched updates off gets none')
  await page.keyboard.press('l')
  await row(page, 'Without the first').waitFor()
  t.strictSame(streams.leaders(), [leader], 'who comes back follows')

  await context.setOffline(true)
  await Promise.all(tabs.map((tab) => tab.getByText(/Live updates paused/).waitFor()))
  await generate(gateway, 'Made while away')
  await context.setOffline(false)
  await Promise.all(tabs.map(live))
  await Promise.all(tabs.map((tab) => row(tab, 'Made while away').waitFor()))

  t.strictSame(streams.leaders(), [leader], 'one again')
  await leader.close()
  streams.forget(leader)
  await generate(gateway, 'After the leader')
  await Promise.all([page, follower].map((tab) => row(tab, 'After the leader').waitFor()))
  await sorted(streams.leaders, [page, follower])
})
