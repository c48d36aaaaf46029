import { readFile } from 'node:fs/promises'
import t from 'tap'
import type { Page } from 'playwright-core'
import { keys } from '../e2e/gateway.ts'
import type { Gateway } from '../e2e/gateway.ts'
import { checkEveryLook, startBrowser, visit, withoutBrowser } from './browser.ts'
import { everyKey, startLive, until } from './full-stage.ts'

t.setTimeout(400_000)

const as = { authorization: `Bearer ${everyKey}` }
const only = (upstream: string) => ({ routing: { upstreams: [upstream] } })
const hasEnded = ({ status }: { status: string }) => ['completed', 'failed', 'cancelled'].includes(status)

async function spend(gateway: Gateway): Promise<void> {
  const generate = async (more: object) => {
    const asked = { prompt: 'a mill by a river', duration: 5, size: '320x240', ...more }
    const { status, body } = await gateway.call('POST', '/generate', asked, as)
    if (status !== 202) throw new Error(JSON.stringify(body))
    return body.id
  }
  const delivered = [only('reseller'), only('reseller'), only('official')].map(generate)
  for (const id of await Promise.all(delivered)) await until(gateway, id, hasEnded)
  const paid = await generate(only('prepaid'))
  await until(gateway, paid, ({ attempts: [first] }) => first?.state === 'running')
  await gateway.call('POST', `/generations/${paid}/cancel`, undefined, as)
  await until(gateway, paid, ({ attempts: [first] }) => first?.state === 'succeeded')
  const running = await generate({ model: 'wan-2', ...only('workstation') })
  await until(gateway, running, ({ attempts: [first] }) => first?.state === 'running')
}

const dollars = (usd: number) =>
  new Intl.NumberFormat('en', {
    style: 'currency',
    currency: 'USD',
    maximumFractionDigits: usd !== 0 && Math.abs(usd) < 0.1 ? 4 : 2,
  }).format(usd)

async function asked(gateway: Gateway, query: string) {
  const { body } = await gateway.call('GET', `/usage?${query}`, undefined, as)
  return body
}

function head(page: Page, name: string) {
  return page.locator('.head', { has: page.locator('dt', { hasText: new RegExp(`^${name}$`) }) })
}

t.test('money in a browser', { skip: withoutBrowser }, async (t) => {
  const browser = await startBrowser(t)
  const gateway = await startLive(t)
  const { address } = gateway
  await spend(gateway)

  await t.test('the figures on the screen are those of the API, and three sums stay apart', async (t) => {
    const { page, open } = await visit(t, browser, address, { key: everyKey })
    await open('/money')
    const { totals, data } = await asked(gateway, 'group_by=day,upstream')
    t.ok(totals.cost_usd > 0 && totals.reserved_cost_usd > 0 && totals.unused_cost_usd > 0)
    await head(page, 'Paid').waitFor()
    for (const [name, amount] of [
      ['Paid', totals.cost_usd],
      ['May still be charged', totals.reserved_cost_usd],
      ['Paid, no video', totals.unused_cost_usd],
      ['Premium over the cheapest', totals.premium_usd],
      ['Saved against official only', totals.saving_usd],
    ] as const)
      t.equal(await head(page, name).locator('.head-amount').innerText(), dollars(amount), name)
    const bars = page.getByRole('group', { name: 'Paid by day and upstream' }).getByRole('img')
    const spent = bars.filter({ hasText: 'reseller' })
    const said = await spent.first().getAttribute('aria-label')
    for (const row of data.filter(({ cost_usd: paid }: { cost_usd: number }) => paid > 0))
      t.match(said, `${row.upstream} ${dollars(row.cost_usd)}`, 'each bar says what it shows')
    const table = page.getByRole('group', { name: 'As a table' })
    t.equal(await table.locator('tbody tr').count(), data.length)
    const foot = await table.locator('tfoot td').allInnerTexts()
    t.strictSame(foot.slice(0, 3), [String(totals.attempts), String(totals.videos), dollars(totals.cost_usd)])
    const together = dollars(totals.cost_usd + totals.reserved_cost_usd)
    t.notOk(
      (await page.locator('main').innerText()).includes(together),
      'no figure is the sum of two of them',
    )
  })

  await t.test('groups and time are in the address, and the file has the same', async (t) => {
    const { page, open } = await visit(t, browser, address, { key: everyKey })
    await open('/money')
    await page.getByLabel('Group by').selectOption('key')
    await page.waitForURL(/by=key/)
    const table = page.getByRole('group', { name: 'As a table' })
    await table.getByRole('columnheader', { name: 'Key' }).waitFor()
    await page.reload()
    await table.getByRole('columnheader', { name: 'Key' }).waitFor()
    const download = page.waitForEvent('download')
    await page.getByRole('link', { name: 'Export CSV' }).click()
    const file = await (await download).path()
    const lines = (await readFile(file, 'utf8')).trimEnd().split('\r\n')
    const names = lines[0]?.split(',') ?? []
    const { data, totals } = await asked(gateway, 'group_by=key,upstream')
    t.equal(lines.length, data.length + 1)
    t.strictSame(names.slice(0, 3), ['key', 'upstream', 'attempts'])
    const paid = lines.slice(1).map((line) => Number(line.split(',')[names.indexOf('cost_usd')]))
    t.equal(Math.round(paid.reduce((sum, each) => sum + each, 0) * 1e6), Math.round(totals.cost_usd * 1e6))
    await page.getByRole('button', { name: 'Earlier month' }).click()
    await page.waitForURL(/month=\d{4}-\d\d/)
    await page.getByText('Nothing was spent in this time').waitFor()
    await page.getByText('No video was delivered in this time.').waitFor()
  })

  await t.test(
    'what if: past work and a typed workload cost what the API says, and a share of each',
    async (t) => {
      const { page, open } = await visit(t, browser, address, { key: everyKey })
      await open('/money')
      const costOf = (policy: string) =>
        page
          .getByRole('row')
          .filter({ has: page.getByRole('rowheader', { name: policy }) })
          .locator('.policy-cost')
      const past = (await gateway.call('POST', '/estimates', { from_history: {} }, as)).body
      await page.getByText('3 videos were delivered.').waitFor()
      t.equal((await costOf('Official only').innerText()).trim(), dollars(past.data[2].month_usd))
      await page.getByText('A typed workload').click()
      await page.getByLabel('Videos a month').fill('1000')
      const workload = { count: 1000, duration: 10, size: 'landscape', characters: 1 }
      const typed = (await gateway.call('POST', '/estimates', workload, as)).body
      const [cheapest, , official] = typed.data
      await costOf('Cheapest')
        .filter({ hasText: dollars(cheapest.month_usd) })
        .waitFor()
      t.equal((await costOf('Official only').innerText()).trim(), dollars(official.month_usd))
      const share = page.getByRole('slider', { name: 'Share of the work' })
      await share.focus()
      await page.keyboard.press('End')
      await page
        .locator('output')
        .filter({ hasText: dollars(cheapest.month_usd) })
        .waitFor()
      await page.keyboard.press('Home')
      await page
        .locator('output')
        .filter({ hasText: dollars(official.month_usd) })
        .waitFor()
    },
  )

  await t.test('a key that does not administer sees its own figures and its own budget', async (t) => {
    const { page, open } = await visit(t, browser, address, { key: keys.bank })
    const refused: string[] = []
    page.on('response', (response) => {
      if (response.status() === 403) refused.push(response.url())
    })
    await open('/money')
    await page.getByText('This key').waitFor()
    t.match(await page.locator('.budget').first().innerText(), /\$0\.00 paid of \$50\.00/)
    await page.getByText('Nothing was spent in this time').waitFor()
    t.equal(await page.locator('.span-bar select').count(), 1, 'the month, and no tenant')
    t.strictSame(refused, [], 'and asks for nothing else')
  })

  await t.test('it stands every look, also without colours', async (t) => {
    const { page, open } = await visit(t, browser, address, { key: everyKey })
    await open('/money')
    await page.locator('.stacked-bar').first().waitFor()
    await page.locator('.divide').waitFor()
    await checkEveryLook(t, page, 'money')
    await page.emulateMedia({ forcedColors: 'active' })
    await page.locator('.bar-part').first().waitFor()
    const fills = await page
      .locator('.stacked-bar .bar-part')
      .evaluateAll((parts) => parts.map((part) => part.getAttribute('fill')))
    t.equal(new Set(fills).size, 3, 'each upstream has a pattern of its own')
    t.ok(fills.every((fill) => fill?.startsWith('url(#')))
  })
})
