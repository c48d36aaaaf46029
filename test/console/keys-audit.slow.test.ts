import { readFile } from 'node:fs/promises'
import t from 'tap'
import type { Page } from 'playwright-core'
import { keys, startGateway } from '../e2e/gateway.ts'
import type { Gateway } from '../e2e/gateway.ts'
import { checkEveryLook, startBrowser, visit, withoutBrowser } from './browser.ts'
import { everyKey, everyScope } from './full-stage.ts'

t.setTimeout(400_000)

const row = (page: Page, name: string) =>
  page.getByRole('row').filter({ has: page.locator('strong', { hasText: new RegExp(`^${name}$`) }) })

/** Whom a secret belongs to; null if it opens nothing. */
async function ownerOf(gateway: Gateway, secret: string): Promise<string | null> {
  const { status, body } = await gateway.call('GET', '/keys/me', undefined, {
    authorization: `Bearer ${secret}`,
  })
  return status === 200 ? body.name : null
}

/** Reads the secret that is shown once, and says that it was taken. */
async function takeSecret(page: Page): Promise<string> {
  const secret = await page.getByLabel('Secret', { exact: true }).inputValue()
  await page.getByRole('button', { name: 'I have copied it' }).click()
  await page.getByRole('dialog').waitFor({ state: 'detached' })
  return secret
}

t.test('keys and the audit log in a browser', { skip: withoutBrowser }, async (t) => {
  const browser = await startBrowser(t)
  const gateway = await startGateway(t, { keys: { other: { scopes: everyScope } } })
  const { address } = gateway

  await t.test(
    'a key is made, used, changed, rotated and revoked, and its secret is shown once',
    async (t) => {
      const { page, open, context } = await visit(t, browser, address, { key: everyKey })
      await open('/keys')
      await page.getByRole('button', { name: 'Make a key' }).click()
      const form = page.getByRole('dialog')
      await form.getByLabel('Name', { exact: true }).fill('marketing')
      await form.getByLabel('Tenant', { exact: true }).fill('campaigns')
      await form.getByLabel('Dollars a month').fill('12.5')
      await form.getByRole('checkbox', { name: /^read/ }).check()
      await form.getByRole('button', { name: 'Make a key' }).click()
      const first = await takeSecret(page)
      t.equal(await ownerOf(gateway, first), 'marketing')
      t.notOk((await page.content()).includes(first), 'it is nowhere on the page any more')
      const kept = await page.evaluate(() =>
        JSON.stringify([Object.entries(localStorage), Object.entries(sessionStorage)]),
      )
      t.notOk(kept.includes(first) || page.url().includes(first), 'nor in the browser')
      await row(page, 'marketing').getByText('$0.00 paid of $12.50').waitFor()

      await page.getByRole('button', { name: 'Change marketing' }).click()
      await form.getByLabel('Dollars a month').fill('20')
      await form.getByLabel('Requests a minute').fill('600')
      await form.getByRole('button', { name: 'Save' }).click()
      await row(page, 'marketing').getByText('$0.00 paid of $20.00').waitFor()
      await row(page, 'marketing').getByText('600 requests a minute').waitFor()

      await page.getByRole('button', { name: 'Rotate marketing' }).click()
      await form.getByRole('button', { name: 'Rotate' }).click()
      const second = await takeSecret(page)
      t.not(second, first)
      t.strictSame(
        [await ownerOf(gateway, first), await ownerOf(gateway, second)],
        ['marketing', 'marketing'],
        'the former secret works for a day',
      )
      await row(page, 'marketing')
        .getByText(/The former secret works until/)
        .waitFor()

      await page.getByRole('button', { name: 'Revoke marketing' }).click()
      await form.getByLabel('Type marketing to revoke it').fill('market')
      t.equal(
        await form.getByRole('button', { name: 'Revoke' }).isDisabled(),
        true,
        'the whole name is typed',
      )
      await form.getByLabel('Type marketing to revoke it').fill('marketing')
      await page.keyboard.press('Enter')
      await row(page, 'marketing').waitFor({ state: 'detached' })
      t.strictSame([await ownerOf(gateway, first), await ownerOf(gateway, second)], [null, null])
      await page.getByLabel('Show keys that have ended').check()
      await row(page, 'marketing').getByText('Revoked').waitFor()
      await context.close()
    },
  )

  await t.test('what cannot be is said by the gateway, and nothing that was typed is lost', async (t) => {
    const { page, open } = await visit(t, browser, address, { key: everyKey })
    await open('/keys')
    await page.getByRole('button', { name: 'Make a key' }).click()
    const form = page.getByRole('dialog')
    await form.getByLabel('Name', { exact: true }).fill('other')
    await form.getByRole('button', { name: 'Make a key' }).click()
    await form.getByRole('alert').waitFor()
    t.equal(await form.getByLabel('Name', { exact: true }).inputValue(), 'other')
    await page.keyboard.press('Escape')
    await form.waitFor({ state: 'detached' })
    await page.getByRole('button', { name: /^Change the budget ?studio$/ }).click()
    await form.getByLabel('Dollars a month').fill('40')
    await form.getByRole('button', { name: 'Save' }).click()
    await page.getByRole('table', { name: 'Tenants and their budgets' }).getByText('of $40.00').waitFor()
  })

  await t.test(
    'the audit log has each act, filters by the address, exports, and leads to what was done to',
    async (t) => {
      const made = await gateway.generate({ prompt: 'a mill', duration: 5 })
      const { page, open } = await visit(t, browser, address, { key: everyKey })
      await open('/audit')
      const entries = page.getByRole('table', { name: 'Entries, newest first' })
      for (const action of ['key.created', 'key.updated', 'key.rotated', 'key.revoked', 'tenant.updated'])
        await entries.getByText(action, { exact: true }).first().waitFor()
      await page.getByLabel('What was done').selectOption('key.revoked')
      await page.waitForURL(/action=key\.revoked/)
      await entries.getByText('key.created', { exact: true }).first().waitFor({ state: 'detached' })
      t.equal(await entries.locator('tbody tr').count(), 1)
      await page.reload()
      await entries.getByText('key.revoked', { exact: true }).waitFor()
      await entries.locator('summary').click()
      t.match(await entries.locator('pre').innerText(), /"name": "marketing"/)
      const download = page.waitForEvent('download')
      await page.getByRole('link', { name: 'Export CSV' }).click()
      const lines = (await readFile(await (await download).path(), 'utf8')).trimEnd().split('\r\n')
      t.equal(lines.length, 2, 'the file has the filter of the page')
      t.match(lines[1], /key\.revoked,other,other/)

      await page.getByLabel('What was done').selectOption('')
      await page.getByLabel('ID of what it was done to').fill(made.id)
      await page.waitForURL(new RegExp(`subject=${made.id}`))
      await entries.getByRole('link', { name: made.id }).first().click()
      await page.waitForURL(new RegExp(`/generations/${made.id}`))
      await open('/audit?key=nobody-at-all')
      await page.getByText('No entry matches this filter.').waitFor()
      await page.getByRole('button', { name: 'Show all' }).click()
      await entries.waitFor()
    },
  )

  await t.test('a key that does not administer is told once what it takes', async (t) => {
    const { page, open } = await visit(t, browser, address, { key: keys.bank })
    const asked: string[] = []
    page.on('request', (request) => void asked.push(new URL(request.url()).pathname))
    for (const path of ['/keys', '/audit']) {
      await open(path)
      const notice = page.getByText('This takes a key with the scope admin.')
      await notice.waitFor()
      t.equal(await notice.count(), 1)
      t.equal(await page.locator('main button, main a, main table').count(), 0, 'and shown no button')
    }
    t.notOk(
      asked.some((path) => path === '/keys' || path.startsWith('/audit')),
      'and nothing is asked for',
    )
  })

  await t.test('they stand every look', async (t) => {
    const { page, open } = await visit(t, browser, address, { key: everyKey })
    await open('/keys')
    await page.getByRole('table').nth(1).waitFor()
    await checkEveryLook(t, page, 'keys')
    await page.getByRole('button', { name: 'Make a key' }).click()
    await page.getByRole('dialog').waitFor()
    await checkEveryLook(t, page, 'making a key')
    await open('/audit')
    await page.getByRole('table').waitFor()
    await checkEveryLook(t, page, 'audit')
  })
})
