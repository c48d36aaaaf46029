import t from 'tap'
import { checkEveryLook, startBrowser, visit, withoutBrowser } from './browser.ts'
import { makeSick, startDesk } from './desk-stage.ts'
import { everyKey } from './full-stage.ts'

t.test(
  'upstreams say in words how they are, the sick ones first, and stand every look',
  { skip: withoutBrowser, timeout: 240_000 },
  async (t) => {
    const gateway = await startDesk(t)
    const browser = await startBrowser(t)
    await makeSick(gateway)
    const { page, open } = await visit(t, browser, gateway.address, { key: everyKey })
    page.setDefaultTimeout(20_000)
    await open('/upstreams')
    const row = page.getByRole('row').filter({ hasText: 'reseller' })
    await row.getByText('Creates fail. Next try at').waitFor()
    t.match(await page.getByRole('row').nth(1).innerText(), 'reseller', 'the sick one comes first')
    t.match(await row.locator('.breaker').first().innerText(), /Create\s+open/)
    await row.getByText('1 of 4').waitFor()
    await row.getByText('$0.12 per video').waitFor()
    await row.getByRole('img', { name: /Success of reseller/ }).waitFor()

    await checkEveryLook(t, page, 'upstreams')
  },
)
