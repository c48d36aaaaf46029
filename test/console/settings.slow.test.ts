import t from 'tap'
import type { Page } from 'playwright-core'
import { startGateway } from '../e2e/gateway.ts'
import { checkEveryLook, checkScreen, startBrowser, visit, withoutBrowser } from './browser.ts'

t.setTimeout(240_000)

/** What is chosen in one tab is worn by the others without reloading. */
async function anotherTabFollows(page: Page): Promise<void> {
  const other = await page.context().newPage()
  await other.goto(page.url())
  await other.getByRole('radio', { name: 'Dark' }).check()
  await page.locator('html[data-theme="dark"]').waitFor({ state: 'attached' })
  await other.getByRole('radio', { name: '繁體中文' }).click()
  await page.getByRole('heading', { name: '設定', level: 1 }).waitFor()
  await page.getByRole('radio', { name: 'English' }).click()
  await other.getByRole('heading', { name: 'Settings', level: 1 }).waitFor()
  await other.close()
}

/** Beside the only node of this gateway, one with another configuration. */
async function withAnotherNode(page: Page): Promise<void> {
  await page.route('**/nodes', async (route) => {
    const response = await route.fetch()
    const body = await response.json()
    const [own] = body.data
    const other = { id: 'gateway-2-4711-1795939200000-1f0c7a3b', role: 'worker', self: false }
    const apart = { configuration_digest: '0c81d2f6b7e4', configuration_differs: true }
    await route.fulfill({ response, json: { ...body, data: [own, { ...own, ...other, ...apart }] } })
  })
}

const skip = withoutBrowser

t.test('the settings: sessions, webhook secrets, configuration; in every look', { skip }, async (t) => {
  const gateway = await startGateway(t, { ownKey: true })
  const key = gateway.container.generatedKey ?? ''
  const browser = await startBrowser(t)
  const { page, open } = await visit(t, browser, gateway.address, { key })
  await withAnotherNode(page)
  await open('/settings')
  const nodes = page.getByRole('group', { name: 'Nodes' })
  await nodes.getByText('Answered this page').waitFor()
  await nodes.getByText('Configured differently').waitFor()
  await page.getByText('Use the same file on all nodes, and reload each.').waitFor()
  await page.getByRole('button', { name: 'Make a secret' }).click()
  t.match(await page.getByLabel('Secret', { exact: true }).inputValue(), /^whsec_/)
  await page.getByRole('button', { name: 'I have copied it' }).click()
  await page.getByRole('button', { name: /^End the secret wsec_/ }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'End' }).click()
  await page.getByText('No secret was made here.').waitFor()
  await page.getByText('upstreams', { exact: true }).click()
  await page.getByText('api_key: ********').first().waitFor()
  t.notOk((await page.content()).includes('reseller-key-0001'))
  await checkEveryLook(t, page, 'the settings')
  await anotherTabFollows(page)
  await page.getByRole('button', { name: 'End all sessions of this key' }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'End all sessions of this key' }).click()
  await page.getByRole('heading', { name: 'Sign in to Understudy' }).waitFor()
  const signedOut = await visit(t, browser, gateway.address)
  await signedOut.open('/')
  await checkScreen(t, signedOut.page, 'the sign-in')
})
