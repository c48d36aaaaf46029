import t from 'tap'
import { checkEveryLook, checkScreen, startBrowser, visit, withoutBrowser } from './browser.ts'
import { accept, everything, makeSick, producerKey, startDesk, until } from './desk-stage.ts'
import { everyKey } from './full-stage.ts'

t.test(
  'what is done to an upstream has a dialog that says what follows, and is shown once it is done',
  { skip: withoutBrowser, timeout: 240_000 },
  async (t) => {
    const gateway = await startDesk(t)
    const browser = await startBrowser(t)
    await makeSick(gateway)
    const { page, open } = await visit(t, browser, gateway.address, { key: everyKey })
    page.setDefaultTimeout(20_000)
    await open('/upstreams/reseller')
    await page.getByText('1 attempt with unknown outcome; $0.12 is held.').waitFor()
    await page.locator('.trouble[open] .exchange').first().waitFor()
    t.match(await page.locator('.trouble[open]').innerText(), 'HTTP 503')
    await page.locator('.counted').getByText('overloaded').first().waitFor()

    const dialog = page.getByRole('dialog')
    await page.getByRole('button', { name: 'Probe' }).click()
    await dialog.getByRole('button', { name: 'Probe now' }).click()
    await dialog
      .getByRole('status')
      .getByText(/Answers|no call that costs nothing/)
      .first()
      .waitFor()
    await checkScreen(t, page, 'the dialog of a probe')
    await page.keyboard.press('Escape')

    await page.getByRole('button', { name: 'Reset breaker: Create' }).click()
    await dialog.getByText('the next requests are sent at once').waitFor()
    await dialog.getByRole('button', { name: 'Reset breaker' }).click()
    await page.getByRole('status').filter({ hasText: 'The breaker Create of reseller is closed.' }).waitFor()
    await page.locator('.page-head').getByText('Ready').waitFor()

    // Two jobs that would render for ever are cancelled with the pause.
    const { control } = gateway.simulator
    control.setFaults('reseller', [{ kind: 'stuck', times: 2 }])
    const jobs = [await accept(gateway, 'One', ['reseller']), await accept(gateway, 'Two', ['reseller'])]
    for (const id of jobs)
      await until(
        gateway,
        `/generations/${id}`,
        (body) => body.attempts[0]?.state === 'running',
        'a job runs',
      )
    await page.getByRole('button', { name: 'Pause' }).click()
    await dialog.getByText('2 jobs are under way there.').waitFor()
    await dialog.getByRole('button', { name: 'Pause reseller' }).click()
    await dialog.getByText('Say why').waitFor()
    await dialog.getByLabel('Reason').fill('It renders nothing any more.')
    await dialog.getByLabel('Until').selectOption('1h')
    await dialog.getByLabel('New work, and cancel what runs there').check()
    await dialog.getByText('2 generations are cancelled. What the upstream has begun').waitFor()
    await checkScreen(t, page, 'the dialog of a pause')
    await dialog.getByRole('button', { name: 'Pause reseller' }).click()
    await page.getByRole('status').filter({ hasText: '2 generations are cancelled' }).waitFor()
    const { body } = await gateway.call('GET', '/upstreams', undefined, everything)
    const [reseller] = body.data.filter(({ id }: { id: string }) => id === 'reseller')
    t.match(reseller.pause, { reason: 'It renders nothing any more.', by: 'other' })
    const left = Date.parse(reseller.pause.until) - Date.now()
    t.ok(left > 3500_000 && left <= 3600_000, 'for an hour')
    for (const id of jobs)
      t.equal(
        (await gateway.call('GET', `/generations/${id}`, undefined, everything)).body.status,
        'cancelled',
      )
  },
)

t.test(
  'one upstream stands every look, and offers nothing that a key may not do',
  { skip: withoutBrowser, timeout: 240_000 },
  async (t) => {
    const gateway = await startDesk(t)
    const browser = await startBrowser(t)
    await makeSick(gateway)
    const { page, open } = await visit(t, browser, gateway.address, { key: everyKey })
    page.setDefaultTimeout(20_000)
    await open('/upstreams/reseller')
    await page.locator('.day-charts').waitFor()
    await page.locator('.exchange').first().waitFor()
    await checkEveryLook(t, page, 'one upstream')

    await page.close()
    const producer = await visit(t, browser, gateway.address, { key: producerKey })
    producer.page.setDefaultTimeout(20_000)
    await producer.open('/upstreams/reseller')
    await producer.page.getByText('take a key with the scope operate.').waitFor()
    t.equal(await producer.page.getByRole('button', { name: 'Pause' }).count(), 0)
    t.equal(await producer.page.getByRole('button', { name: 'Resume' }).count(), 0)
  },
)
