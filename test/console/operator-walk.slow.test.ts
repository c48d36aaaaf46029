import t from 'tap'
import type { Locator } from 'playwright-core'
import { startBrowser, visit, withoutBrowser } from './browser.ts'
import { line, makeSick, startDesk, until } from './desk-stage.ts'
import { everyKey } from './full-stage.ts'

const mostClicks = 10
const isDelivered = ({ status }: { status: string }) => status === 'completed'

t.test(
  'from a sick upstream to its cause, a pause, the unknown attempt resolved and a resume in at most ten clicks',
  { skip: withoutBrowser, timeout: 180_000 },
  async (t) => {
    const gateway = await startDesk(t)
    const { control } = gateway.simulator
    const browser = await startBrowser(t)
    const { page, open } = await visit(t, browser, gateway.address, { key: everyKey })
    page.setDefaultTimeout(20_000)
    let loads = 0
    page.on('load', () => loads++)
    await open('/')
    await page.getByText('Nothing needs you.').waitFor()

    let clicks = 0
    const click = async (target: Locator) => {
      await target.click()
      clicks++
    }

    // The overview is open while the upstream goes bad, and says so by itself.
    const { unknown } = await makeSick(gateway)
    await line(page, '1 outcome is unknown. $0.12 is held.').waitFor()
    await line(page, 'Creates fail. Next try at').waitFor()

    await click(line(page, 'Creates fail').getByRole('link', { name: 'See the upstream' }))
    await page.getByRole('heading', { level: 1, name: 'reseller' }).waitFor()
    await page.locator('.exchange').first().waitFor()
    t.match(await page.locator('.trouble[open]').innerText(), /HTTP 503/, 'the cause is what it answered')

    await click(page.getByRole('button', { name: 'Pause' }))
    const dialog = page.getByRole('dialog')
    await dialog.getByText('job is under way there').waitFor()
    await dialog.getByLabel('Reason').fill('It answers 503 since noon.')
    await click(dialog.getByRole('button', { name: 'Pause reseller' }))
    await page.getByRole('status').filter({ hasText: 'reseller is paused.' }).waitFor()
    await page.locator('.page-head').getByText('Paused').waitFor()

    await click(page.getByRole('link', { name: 'Look into it' }))
    await page.getByRole('heading', { level: 1, name: 'The tide takes the map' }).waitFor()
    await click(page.getByRole('button', { name: 'Settle' }))
    await click(dialog.getByLabel('The upstream did not take it'))
    await dialog.getByLabel(/How you know/).fill('Their dashboard has no such job.')
    await click(dialog.getByRole('button', { name: 'Settle' }))
    await until(gateway, `/generations/${unknown}`, isDelivered, 'the official upstream delivers it')
    await page.locator('.pill').filter({ hasText: 'Completed' }).first().waitFor()

    control.clearFaults('reseller')
    await page.goBack()
    clicks++
    await click(page.getByRole('button', { name: 'Resume' }))
    await click(dialog.getByRole('button', { name: 'Resume reseller' }))
    await page.getByRole('status').filter({ hasText: 'reseller is resumed.' }).waitFor()
    t.equal(await page.getByText('outcome; $0.12 is held').count(), 0, 'nothing is held any more')

    t.ok(clicks <= mostClicks, `${clicks} clicks`)
    t.equal(loads, 1, 'no page was loaded again')
    const { body } = await gateway.call('GET', '/audit?limit=100', undefined, {
      authorization: `Bearer ${everyKey}`,
    })
    const done = body.data.map(({ action }: { action: string }) => action)
    for (const action of ['upstream.paused', 'attempt.resolved', 'upstream.resumed'])
      t.ok(done.includes(action), `${action} is in the audit log`)
  },
)
