import { rename, writeFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import t from 'tap'
import { keys, reverse, startGateway } from '../e2e/gateway.ts'
import { startReceiver } from '../e2e/receiver.ts'
import { startBrowser, visit, withoutBrowser } from './browser.ts'
import { everything, line, until } from './desk-stage.ts'
import { everyKey, everyScope } from './full-stage.ts'

t.setTimeout(120_000)

const order = { prompt: 'A mill by a river', duration: 5, size: '320x240' }
const bank = { authorization: `Bearer ${keys.bank}` }

const isOne = ({ data }: { data: unknown[] }) => data.length === 1
const isCompleted = ({ status }: { status: string }) => status === 'completed'

t.test(
  'the overview says that a webhook fails, a budget ends, a restore holds, and videos cannot be stored',
  { skip: withoutBrowser },
  async (t) => {
    const browser = await startBrowser(t)
    const receiver = await startReceiver(t)
    receiver.respond = () => 503
    const gateway = await startGateway(t, {
      live: true,
      upstreams: [{ ...reverse, render: { milliseconds: 200 } }],
      settings: { reseller: { poll: { first_after_seconds: 0.2, every_seconds: 0.2 } } },
      keys: {
        other: { scopes: everyScope },
        bank: { scopes: ['generate'], allow: ['reverse'], monthly_budget_usd: 0.14 },
      },
    })
    const make = async (more: object, headers: Record<string, string>) => {
      const { status, body } = await gateway.call('POST', '/generate', { ...order, ...more }, headers)
      if (status !== 202) throw new Error(JSON.stringify(body))
      return body.id
    }

    await t.test('failing webhooks and budgets that are nearly spent', async (t) => {
      await gateway.call('POST', '/webhook-secrets', {}, everything)
      const told = await make({ webhook_url: `${receiver.url}/told` }, everything)
      await make({}, bank)
      await until(gateway, '/deliveries?state=failing', isOne, 'a webhook that fails')
      const { page, open } = await visit(t, browser, gateway.address, { key: everyKey })
      await open('/')
      const webhook = line(page, '1 webhook is not accepted.')
      await webhook.getByText(`The newest is for ${receiver.url}/told: Answered 503.`).waitFor()
      t.match(await webhook.getByRole('link').getAttribute('href'), new RegExp(`/generations/${told}$`))
      const budget = line(page, 'The key bank has used 86% of its budget of $0.14.')
      await budget.getByText(/is spent and .* is reserved this month/).waitFor()
      t.equal(await budget.locator('meter').getAttribute('max'), '1')
      t.equal(await page.locator('.desk-line').count(), 2)
    })

    await t.test('an archive that cannot be written to, until it can', async (t) => {
      const { page, open, problems } = await visit(t, browser, gateway.address, { key: everyKey })
      await open('/')
      const notice = page.getByRole('region', { name: 'The gateway is not ready' })
      await page.getByText('Newest', { exact: true }).waitFor()
      t.equal(await notice.count(), 0)
      const media = join(gateway.directory, 'media')
      await rename(media, `${media}-away`)
      await writeFile(media, '')
      await notice.getByText('Videos cannot be stored.').waitFor()
      await rm(media)
      await rename(`${media}-away`, media)
      await notice.waitFor({ state: 'detached' })
      // The browser itself writes of every answer of 503, which is what says that the gateway is not ready.
      const others = problems.splice(0).filter((problem) => !problem.includes('status of 503'))
      t.strictSame(others, [])
    })

    await t.test('what a restore holds, until somebody releases it', async (t) => {
      await gateway.restart(0, undefined, true)
      const held = await make({}, everything)
      const { page, open } = await visit(t, browser, gateway.address, { key: everyKey })
      await open('/')
      const notice = page.getByRole('region', { name: 'Held after a restore' })
      await notice.getByText('Stop the original gateway').waitFor()
      t.equal(
        (await gateway.call('GET', `/generations/${held}`, undefined, everything)).body.status,
        'queued',
      )
      const reader = await visit(t, browser, gateway.address, { key: keys.bank })
      await reader.open('/')
      const seen = reader.page.getByRole('region', { name: 'Held after a restore' })
      await seen.getByText('Ending this takes a key with the scope operate.').waitFor()
      t.equal(await seen.getByRole('button').count(), 0, 'who may not end it sees no button')
      await notice.getByRole('button', { name: 'Release' }).click()
      await page.getByRole('dialog').getByRole('button', { name: 'Release' }).click()
      await notice.waitFor({ state: 'detached' })
      await seen.waitFor({ state: 'detached' })
      await until(gateway, `/generations/${held}`, isCompleted, 'what was held is sent')
    })
  },
)
