import t from 'tap'
import type { Locator, Page } from 'playwright-core'
import { keys, official, reverse, startGateway } from '../e2e/gateway.ts'
import { checkEveryLook, checkScreen, startBrowser, visit, withoutBrowser } from './browser.ts'
import { everyScope } from './full-stage.ts'

t.setTimeout(300_000)
if (withoutBrowser !== false) t.plan(0, withoutBrowser)
else await run()

function only(...upstreams: string[]) {
  return { routing: { upstreams } }
}

/** One gateway on a held clock, so that holds and deadlines pass when the test says so. */
async function run(): Promise<void> {
  const prepaid = {
    ...reverse,
    id: 'prepaid',
    apiKey: 'prepaid-key-0001',
    chargedOn: 'create' as const,
    price: { perRequestUsd: 0.15 },
  }
  const gateway = await startGateway(t, {
    upstreams: [reverse, official, prepaid],
    keys: { other: { scopes: everyScope }, bank: { scopes: ['observe'] } },
  })
  const { control } = gateway.simulator
  const browser = await startBrowser(t)
  const as = { authorization: `Bearer ${keys.other}` }
  const hour = 3_600_000
  const scene = { duration: 5, size: '320x240' }
  const made = async (body: object): Promise<string> =>
    (await gateway.generate({ prompt: 'a harbour at dawn', ...scene, ...body }, as)).id
  const accept = async (body: object): Promise<string> =>
    (await gateway.call('POST', '/generate', { prompt: 'a harbour at dusk', ...scene, ...body }, as)).body.id
  const { page, open, context } = await visit(t, browser, gateway.address, { key: keys.other })
  context.setDefaultTimeout(30_000)
  const show = (id: string) => open(`/generations/${id}`)

  t.test('a video plays in its page, has the length asked for, and is fetched in parts', async (t) => {
    const id = await made({ metadata: { shot: '12b' } })
    const part = page.waitForResponse(
      (answer) => answer.url().endsWith(`/${id}/video`) && answer.status() === 206,
    )
    await show(id)
    t.equal((await part).headers()['accept-ranges'], 'bytes')
    const video = page.locator('video')
    await video.evaluate(
      (player: HTMLVideoElement) =>
        player.readyState >= 1 ||
        new Promise((resolve) => player.addEventListener('loadedmetadata', resolve, { once: true })),
    )
    t.ok(Math.abs((await video.evaluate((player: HTMLVideoElement) => player.duration)) - 5) < 0.2)
    await video.evaluate(
      (player: HTMLVideoElement) =>
        new Promise((resolve) => {
          player.addEventListener('seeked', resolve, { once: true })
          player.currentTime = 4
        }),
    )
    t.equal(await page.locator('a[download]').getAttribute('href'), `/generations/${id}/video`)
    await page.getByText('12b').waitFor()
    await page.locator('.attempt').first().waitFor()
    await checkEveryLook(t, page, 'one generation')
  })

  t.test('after a fallback there are two lanes, and the first upstream is struck through', async (t) => {
    control.setFaults('reseller', [{ kind: 'fails_late', times: 1 }])
    await show(await made({}))
    await page.locator('.attempt').nth(1).waitFor()
    t.same(await lanes(page), ['reseller: Failed', 'prepaid: Delivered'])
    t.same(await page.locator('.attempt h3 s').allTextContents(), ['reseller'])
    const spoken = await page.locator('.attempt').first().locator('.visually-hidden li').allTextContents()
    t.match(spoken.slice(-2), [/^Running /, /^Failed after /], 'for screen readers')
    await page.locator('.events').getByText('attempt.failed').waitFor()
  })

  t.test('a refusal is the end: one lane, its code, and no further upstream', async (t) => {
    control.setFaults('reseller', [{ kind: 'refused', times: 1 }])
    await show(await made({}))
    await page.locator('.no-video').getByText('content_refused').waitFor()
    t.same(await lanes(page), ['reseller: Failed'])
  })

  t.test(
    'an unknown outcome is held and looked for, needs attention before and after the hold, and a person settles it',
    async (t) => {
      control.setFaults('reseller', [{ kind: 'hang', on: ['create'], times: 1 }])
      const id = await accept(only('reseller'))
      await gateway.advance(5000)
      await show(id)
      await pill(page, 'Outcome unknown').waitFor()
      t.equal(
        await pill(page, 'Outcome unknown').evaluate((one) => getComputedStyle(one).borderStyle),
        'dashed',
      )
      t.equal(await amount(page, 'May still be charged').textContent(), 'up to $0.12')
      await attention(id)
      await gateway.advance(2 * hour)
      await attention(id)
      await show(id)
      await pill(page, 'Outcome unknown').waitFor()
      await page.locator('.no-video').getByText('outcome_unknown').waitFor()
      const collapse = page.getByRole('checkbox', { name: 'Collapse idle time' })
      t.ok(await collapse.isChecked(), 'in what took longer than ten minutes')
      await page.getByText('without an event').first().waitFor()
      await collapse.uncheck()
      t.equal(await page.getByText('without an event').count(), 0)
      await page.getByRole('button', { name: 'Settle' }).click()
      const dialog = page.getByRole('dialog', { name: 'Settle the attempt at reseller' })
      await checkScreen(t, page, 'the dialog')
      await dialog.getByLabel('The upstream did not take it').check()
      await dialog.getByLabel(/How you know/).fill('Their support says that it never arrived.')
      await dialog.getByRole('button', { name: 'Settle' }).click()
      await page.getByText('Settled by other: not taken').waitFor()
      await pill(page, 'Failed').waitFor()
      t.equal(await amount(page, 'May still be charged').count(), 0, 'nothing is held any more')
    },
  )

  t.test('to send an unknown one elsewhere, both bills and their sum are named first', async (t) => {
    control.setFaults('reseller', [{ kind: 'hang', on: ['create'], times: 1 }])
    const id = await accept(only('reseller', 'official'))
    await gateway.advance(5000)
    await show(id)
    await page.getByRole('button', { name: 'Send elsewhere' }).click()
    const dialog = page.getByRole('dialog')
    await dialog.getByText('both are charged: $0.12 at reseller and up to $0.80 at official').waitFor()
    await dialog.getByText('Together up to $0.92.').waitFor()
    await dialog.getByRole('button', { name: 'Send it and accept two bills' }).click()
    await page.getByText('other had it sent elsewhere and accepted two bills.').waitFor()
    await gateway.finished(id, as)
    await page.locator('video').waitFor()
    t.same(await lanes(page), ['reseller: Outcome unknown', 'official: Delivered'])
  })

  t.test('one that is overdue is still watched, and its late video is shown', async (t) => {
    control.setFaults('reseller', [{ kind: 'stuck', times: 1 }])
    const id = await accept({ routing: { upstreams: ['reseller'], deadline_seconds: 600 } })
    await gateway.finished(id, as)
    await show(id)
    await pill(page, 'Overdue, still watched').waitFor()
    t.equal(await page.locator('.attempt h3 s').count(), 0, 'it is not over')
    for (const { id: job, state } of control.renders()) if (state === 'in_progress') control.finish(job)
    for (let step = 0; step < 20; step++) await gateway.advance(30_000)
    await show(id)
    await page.getByText('This video came after the generation had failed.').waitFor()
    await page.locator('video').waitFor()
    await page.getByText('late_video', { exact: true }).first().waitFor()
  })

  t.test('one that is cancelled after it was paid says so: paid, no video', async (t) => {
    const id = await accept(only('prepaid'))
    await gateway.advance(1000)
    await show(id)
    await page.getByRole('button', { name: 'Cancel this generation' }).click()
    const dialog = page.getByRole('dialog', { name: 'Cancel this generation?' })
    await dialog.getByText('may still be charged: up to $0.15').waitFor()
    await dialog.getByRole('button', { name: 'Cancel this generation' }).click()
    await dialog.waitFor({ state: 'detached' })
    for (let step = 0; step < 20; step++) await gateway.advance(30_000)
    await show(id)
    t.equal(await amount(page, 'Paid, no video').textContent(), '$0.15')
    t.equal(await amount(page, 'Paid').textContent(), '$0.00')
  })

  t.test('a script in a prompt, in metadata and in the words of a vendor is text', async (t) => {
    const script = '<script>document.title="owned"</script><img src=x onerror=alert(1)>'
    const said = '<b>not allowed</b><script>window.stop()</script>'
    control.setFaults('reseller', [{ kind: 'refused', message: said, times: 1 }])
    await show(await made({ prompt: script, metadata: { shot: script } }))
    await page.locator('h1').getByText(script).waitFor()
    await page.locator('.attempt .words').getByText(said).waitFor()
    await page.locator('summary', { hasText: 'Details' }).click()
    await page.locator('summary', { hasText: 'What the vendor answered' }).click()
    await page.locator('.exchanges pre').getByText('<script>').first().waitFor()
    t.equal(await page.locator('main img, main script').count(), 0)
    t.match(await page.title(), script.slice(0, 40))
  })

  t.test('[ and ] go to the older and the newer one, and Escape back to the row', async () => {
    const [older, newer] = [await made({ prompt: 'the older' }), await made({ prompt: 'the newer' })]
    await open('/generations')
    await page.getByRole('link', { name: 'the older' }).first().click()
    await page.waitForURL(`**/${older}`)
    await page.getByRole('link', { name: 'Newer' }).waitFor()
    await page.keyboard.press(']')
    await page.waitForURL(`**/${newer}`)
    await page.getByRole('heading', { name: 'the newer' }).waitFor()
    await page.getByRole('link', { name: 'Older' }).waitFor()
    await page.keyboard.press('[')
    await page.waitForURL(`**/${older}`)
    await page.getByRole('heading', { name: 'the older' }).waitFor()
    await page.keyboard.press('Escape')
    await page.waitForURL((url) => url.pathname.endsWith('/generations'))
    await page.locator(':focus', { hasText: 'the older' }).waitFor()
  })

  t.test(
    'one that is deleted or unknown is said to be absent; of another tenant the prompt is hidden, and it is said why',
    async (t) => {
      const id = await made({ prompt: 'a secret scene' })
      const observer = await visit(t, browser, gateway.address, { key: keys.bank })
      await observer.open(`/generations/${id}`)
      await observer.page.getByText('take a key with the scope operate_prompts').waitFor()
      await observer.page.getByText('The video belongs to another tenant.').waitFor()
      t.notOk((await observer.page.locator('main').textContent())?.includes('a secret scene'))
      await checkScreen(t, observer.page, 'one of another tenant')
      await show(id)
      await page.getByRole('button', { name: 'Delete' }).click()
      await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click()
      await page.waitForURL((url) => url.pathname.endsWith('/generations'))
      await show(id)
      await page.getByRole('heading', { name: 'There is no such generation' }).waitFor()
    },
  )

  /** It is listed under the tab for what a person has to look at. */
  async function attention(id: string): Promise<void> {
    await open('/generations?tab=attention')
    await page.locator(`a[href$="${id}"]`).first().waitFor()
  }
  t.teardown(() => context.close())
}

function pill(page: Page, name: string): Locator {
  return page.locator('.generation-head .pill', { hasText: name })
}

function amount(page: Page, name: string): Locator {
  return page.locator(`.facts dt:text-is("${name}") + dd`)
}

/** Each attempt as its upstream and its state. */
async function lanes(page: Page): Promise<string[]> {
  return page
    .locator('.attempt-head')
    .evaluateAll((heads) =>
      heads.map(
        (head) => `${head.querySelector('h3')?.textContent}: ${head.querySelector('.pill')?.textContent}`,
      ),
    )
}
