import { readFile } from 'node:fs/promises'
import t from 'tap'
import type { Page, Request } from 'playwright-core'
import type { Gateway } from '../e2e/gateway.ts'
import { checkEveryLook, startBrowser, visit, withoutBrowser } from './browser.ts'
import { everyKey, startLive, until } from './full-stage.ts'

t.setTimeout(240_000)

const as = { authorization: `Bearer ${everyKey}` }
const hasEnded = ({ status }: { status: string }) => ['completed', 'failed', 'cancelled'].includes(status)

async function generate(gateway: Gateway, prompt: string, more: object = {}): Promise<string> {
  const asked = { prompt, duration: 5, size: '320x240', ...more }
  const { status, body } = await gateway.call('POST', '/generate', asked, as)
  if (status !== 202) throw new Error(JSON.stringify(body))
  return body.id
}

const only = (upstream: string) => ({ routing: { upstreams: [upstream] } })
const endless = { model: 'wan-2', ...only('workstation') }
const row = (page: Page, text: string) => page.locator('tr[data-id]', { hasText: text })

function streamsOf(page: Page) {
  const open = new Set<Request>()
  const seen = { most: 0, started: 0 }
  page.on('request', (request) => {
    if (request.resourceType() !== 'eventsource' && !/\/events(\?|$)/.test(request.url())) return
    open.add(request)
    seen.started++
    seen.most = Math.max(seen.most, open.size)
  })
  page.on('requestfinished', (request) => void open.delete(request))
  page.on('requestfailed', (request) => void open.delete(request))
  return seen
}

t.test('generations in a browser', { skip: withoutBrowser }, async (t) => {
  const browser = await startBrowser(t)
  const gateway = await startLive(t)
  const { address } = gateway
  const done = await generate(gateway, 'A harbour in the morning', { metadata: { shot: '12b' } })
  gateway.simulator.control.setFaults('official', [{ kind: 'refused', times: 1 }])
  await until(gateway, await generate(gateway, 'A famous actor', only('official')), hasEnded)
  const running = await Promise.all(
    ['one', 'two', 'three'].map((name) => generate(gateway, `Lantern ${name}`, endless)),
  )
  await until(gateway, done, hasEnded)

  await t.test(
    'what is made elsewhere appears, moves and ends without reloading, over one stream',
    async (t) => {
      const { page, open } = await visit(t, browser, address, { key: everyKey })
      const streams = streamsOf(page)
      await open('/generations')
      await page.getByText('Live', { exact: true }).waitFor()
      await row(page, 'A harbour').getByText('Completed').waitFor()
      t.match(await row(page, 'A harbour').innerText(), /sora-2 · 5 s · 320x240 · shot 12b/)
      await row(page, 'A harbour').locator('img').waitFor()
      const boat = await generate(gateway, 'A paper boat', only('prepaid'))
      await Promise.all(
        Array.from({ length: 9 }, async (_each, index) => generate(gateway, `Boat ${index}`, endless)),
      )
      await row(page, 'A paper boat').waitFor()
      const bar = row(page, 'Lantern three').locator('progress')
      const value = Number(await bar.getAttribute('value'))
      await page.waitForFunction(
        (before) =>
          [...document.querySelectorAll('tr[data-id]')].some(
            (each) =>
              each.textContent.includes('Lantern three') &&
              (each.querySelector('progress')?.value ?? 0) > before,
          ),
        value,
        { timeout: 20_000 },
      )
      await row(page, 'A paper boat').getByText('Completed').waitFor()
      t.equal(streams.most, 1, 'one stream')
      const asked: string[] = []
      page.on('request', (request) => void asked.push(request.url()))
      await row(page, 'Boat 8').waitFor()
      t.notOk(
        asked.some((url) => url.includes(boat) && url.includes('/events')),
        'an ended one is not asked for',
      )
      await page.evaluate(() => new Promise((resolve) => setTimeout(resolve, 500)))
      t.equal(streams.started, 1, 'which stays open')
    },
  )

  await t.test('a filter is in the address and survives reloading; exactly one tab is current', async (t) => {
    const { page, open } = await visit(t, browser, address, { key: everyKey })
    await open('/generations')
    await page.getByRole('link', { name: /^Failed/ }).click()
    await row(page, 'A famous actor').getByText('content_refused').waitFor()
    await page.getByPlaceholder('Words of the prompt').fill('famous')
    await page.locator('.chip', { hasText: 'famous' }).waitFor()
    t.match(page.url(), /tab=failed.*q=famous|q=famous.*tab=failed/)
    await page.reload()
    await row(page, 'A famous actor').waitFor()
    t.equal(await page.locator('tr[data-id]').count(), 1)
    t.same(
      await page
        .locator('.tab[aria-current]')
        .allInnerTexts()
        .then((texts) => texts.map((text) => text.replace(/\s*\d+$/, ''))),
      ['Failed'],
    )
    await page.getByRole('button', { name: 'Filters' }).click()
    await page.getByLabel('Upstream', { exact: true }).selectOption('reseller')
    await page.getByText('No generation matches this filter.').waitFor()
    await page.keyboard.press('Escape')
    await page.getByRole('button', { name: /Remove the filter Upstream/ }).click()
    await row(page, 'A famous actor').waitFor()
    await page.locator('.chips').getByRole('link', { name: 'Show all' }).click()
    await page.getByRole('link', { name: /^All/ }).click()
    await row(page, 'A harbour').waitFor()
    t.notMatch(page.url(), /q=|tab=/)
  })

  await t.test(
    'by keyboard: rows, selection, cancelling with its price, and back to the same row',
    async (t) => {
      const { page, open } = await visit(t, browser, address, { key: everyKey, height: 500 })
      await open('/generations')
      await row(page, 'Lantern one').waitFor()
      const focused = () => page.evaluate(() => document.activeElement?.textContent ?? '')
      await page.keyboard.press('j')
      const first = await focused()
      await page.keyboard.press('j')
      t.not(await focused(), first)
      await page.keyboard.press('k')
      t.equal(await focused(), first)
      for (let step = 0; step < 20 && !(await focused()).startsWith('Lantern one'); step++)
        await page.keyboard.press('ArrowDown')
      t.equal(await focused(), 'Lantern one')
      const scrolled = await page.evaluate(() => window.scrollY)
      t.ok(scrolled > 0, 'far enough down to scroll')
      await page.keyboard.press('Enter')
      await page.waitForURL(/generations\/gen_/)
      await page.goBack()
      await row(page, 'Lantern one').waitFor()
      await page.waitForFunction(() => document.activeElement?.textContent === 'Lantern one')
      await page.waitForFunction((before) => Math.abs(window.scrollY - before) < 80, scrolled)
      await page.keyboard.press('x')
      await row(page, 'Lantern two').getByRole('checkbox').check()
      await row(page, 'A harbour').getByRole('checkbox').check()
      await page.getByText('3 selected').waitFor()
      const saving = page.waitForEvent('download')
      await page.getByRole('button', { name: 'Export CSV' }).click()
      const file = await readFile(await (await saving).path(), 'utf8')
      t.equal(file.trim().split('\r\n').length, 4, 'a head and the selected rows')
      t.match(file, /A harbour in the morning/)
      await page.getByRole('button', { name: 'Cancel generations' }).click()
      const dialog = page.getByRole('dialog')
      await dialog.getByText('Cancel 2 generations?').waitFor()
      await dialog.getByText(/may still be charged: up to \$0\.\d\d/).waitFor()
      await dialog.getByText('1 has ended already and stays as it is.').waitFor()
      await dialog.getByRole('button', { name: 'Cancel 2 generations' }).click()
      await page.getByText('2 generations were cancelled.').waitFor()
      // Its job cannot be cancelled there, so it is watched until it ends.
      await row(page, 'Lantern one').getByText('Overdue, still watched').waitFor()
      t.equal(
        (await gateway.call('GET', `/generations/${running[2]}`, undefined, as)).body.status,
        'in_progress',
      )
      await page.keyboard.press('l')
      await page.getByText('Live updates off').waitFor()
    },
  )

  await t.test(
    'a network that is gone is said and comes back; a session that is over asks to sign in',
    async (t) => {
      const { page, open, context } = await visit(t, browser, address, { key: everyKey })
      await open('/generations')
      await page.getByText('Live', { exact: true }).waitFor()
      const rows = await page.locator('tr[data-id]').count()
      await context.setOffline(true)
      await page.getByText(/Live updates paused\. Last answer at/).waitFor()
      await generate(gateway, 'Made while away', endless)
      t.equal(await page.locator('tr[data-id]').count(), rows, 'rows stay')
      await context.setOffline(false)
      await page.getByText('Live', { exact: true }).waitFor()
      await row(page, 'Made while away').waitFor()
      await page.getByPlaceholder('Words of the prompt').fill('boat')
      await page.evaluate(() => fetch('/console/session', { method: 'DELETE' }).then(() => undefined))
      await page.getByRole('dialog', { name: 'Sign in again' }).waitFor()
      t.equal(
        await page.getByPlaceholder('Words of the prompt').inputValue(),
        'boat',
        'nothing typed is lost',
      )
      await page.getByLabel('API key').fill(everyKey)
      await page.getByRole('dialog').getByRole('button', { name: 'Sign in' }).click()
      await page.getByText('Live', { exact: true }).waitFor()
      t.match(page.url(), /q=boat/)
    },
  )

  await t.test('axe finds nothing in any look, full and empty', async (t) => {
    const { page, open } = await visit(t, browser, address, { key: everyKey })
    page.setDefaultTimeout(30_000)
    await open('/generations?q=lantern')
    await page.locator('tr[data-id]').nth(2).waitFor()
    await checkEveryLook(t, page, 'the list')
    await open('/generations?upstream=nowhere')
    await page.locator('.empty').waitFor()
    await checkEveryLook(t, page, 'the empty list')
  })
})
