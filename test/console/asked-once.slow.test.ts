import t from 'tap'
import type { Page, Request } from 'playwright-core'
import { startBrowser, visit, withoutBrowser } from './browser.ts'
import { accept, startDesk } from './desk-stage.ts'
import { everyKey } from './full-stage.ts'
import { priced, sceneOf } from './studio-stage.ts'

t.setTimeout(120_000)

/** The requests of a page from now on. */
function noteRequests(page: Page): { count: (method: string, path: RegExp) => number } {
  const seen: Request[] = []
  page.on('request', (request) => void seen.push(request))
  return {
    count: (method, path) =>
      seen.filter((request) => request.method() === method && path.test(request.url())).length,
  }
}

t.test('what is asked once is asked once', { skip: withoutBrowser }, async (t) => {
  const browser = await startBrowser(t)
  const gateway = await startDesk(t)

  await t.test('a scene whose answer is under way is not sent again', async (t) => {
    const { page, open } = await visit(t, browser, gateway.address, { key: everyKey })
    await open('/studio')
    await sceneOf(page).fill('A mill by a river')
    await priced(page).waitFor()
    const requests = noteRequests(page)
    const answered = Promise.withResolvers<void>()
    await page.route('**/generate', async (route) => {
      const response = await route.fetch()
      await answered.promise
      await route.fulfill({ response })
    })
    // Before React has drawn anything.
    await page.evaluate(() => {
      const send = document.querySelector<HTMLButtonElement>('button.send')
      send?.click()
      send?.click()
    })
    for (let times = 0; times < 3; times++) await sceneOf(page).press('Control+Enter')
    await page.locator('button.send').dispatchEvent('click')
    answered.resolve()
    await page.locator('.clip').first().waitFor()
    t.equal(requests.count('POST', /\/generate$/), 1)
  })

  await t.test('changes of generations are no reason to read again what they do not change', async (t) => {
    const { page, open } = await visit(t, browser, gateway.address, { key: everyKey })
    const requests = noteRequests(page)
    const routes = () => requests.count('GET', /\/generations\?limit=100$/)
    const dryRuns = () => requests.count('POST', /\/generations\/cancel$/)
    const counts = () => requests.count('GET', /\/generations\/counts/)
    await open('/upstreams/reseller')
    await page.getByRole('button', { name: 'Pause' }).click()
    const dialog = page.getByRole('dialog')
    await dialog.getByRole('radio').last().check()
    await page.waitForTimeout(1500)
    const before = { routes: routes(), dryRuns: dryRuns(), counts: counts(), at: performance.now() }
    t.ok(before.routes > 0 && before.dryRuns > 0)
    for (let number = 0; number < 20; number++) await accept(gateway, `Boat ${number}`, ['reseller'])
    await page.waitForTimeout(3000)
    const seconds = (performance.now() - before.at) / 1000
    t.strictSame([routes(), dryRuns()], [before.routes, before.dryRuns])
    const most = Math.ceil(seconds / 1.5) + Math.ceil(seconds / 5) + 1
    t.ok(counts() > before.counts, 'counts are read again')
    t.ok(counts() - before.counts <= most, `${counts() - before.counts} times in ${seconds} s`)
  })
})
