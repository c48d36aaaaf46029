import t from 'tap'
import { keys } from '../e2e/gateway.ts'
import { checkEveryLook, checkScreen, startBrowser, visit, withoutBrowser } from './browser.ts'
import { makeComparison, startCompareStage } from './compare-stage.ts'

const scenes = ['@coffee_girl walks on the beach', '@coffee_girl in a crowded tram']

t.test(
  'the looks and limits of comparing in a browser',
  { skip: withoutBrowser, timeout: 290_000 },
  async (t) => {
    const gateway = await startCompareStage(t)
    const browser = await startBrowser(t)
    const { address } = gateway
    const key = keys.studio
    let path = ''

    t.test('every look of the list, of a failed comparison and of scoring is accessible', async (t) => {
      gateway.simulator.control.setFaults('official', [{ kind: 'fails_late', times: 1 }])
      const failed = await makeComparison(gateway, {})
      path = `/compare/${(await makeComparison(gateway, { name: 'Who keeps her apron' })).id}`
      const { page, open } = await visit(t, browser, address, { key })
      await open('/compare')
      await page.locator('.comparison-entry').nth(1).waitFor()
      await checkEveryLook(t, page, 'the list')
      await open(`/compare/${failed.id}`)
      await page.getByText('upstream_failed').last().waitFor()
      await checkEveryLook(t, page, 'a failed one')
      await open(`${path}?score=1`)
      await page.locator('.sliders').first().waitFor()
      await checkEveryLook(t, page, 'scoring')
    })

    t.test('who may only read sees the figures, and once what the rest takes', async (t) => {
      const admin = { authorization: `Bearer ${gateway.container.adminKey}` }
      const input = { name: 'reader', tenant: 'studio', scopes: ['read'] }
      const { secret } = (await gateway.call('POST', '/keys', input, admin)).body
      const { page, open } = await visit(t, browser, address, { key: secret })
      await open(path)
      await page.getByText('takes a key with the scope generate').waitFor()
      for (const name of ['Delete', 'Score blind', 'End links'])
        t.equal(await page.getByText(name, { exact: true }).count(), 0, name)
      await open('/compare/new')
      await page.getByText('This takes a key with the scope generate.').waitFor()
    })

    t.test('deleting says what becomes of it, and leads back to the list', async (t) => {
      gateway.simulator.control.setFaults('official', [{ kind: 'stuck' }])
      const { body } = await gateway.call('POST', '/comparisons', {
        character: 'coffee_girl',
        scenes: scenes.slice(0, 1),
        upstreams: ['official'],
        max_cost_usd: 5,
      })
      const { page, open } = await visit(t, browser, address, { key })
      await open(`/compare/${body.id}`)
      await page.getByText('It is being rendered.').waitFor()
      await page.getByRole('button', { name: 'Delete' }).click()
      await page.getByText('What upstreams have begun may still be charged: up to $0.80.').waitFor()
      await checkScreen(t, page, 'the dialog')
      await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click()
      await page.waitForURL(/\/compare$/)
      t.equal((await gateway.call('GET', `/comparisons/${body.id}`)).status, 404)
      const { generation_id: id } = body.cells[0]
      t.equal((await gateway.call('GET', `/generations/${id}`)).body.status, 'cancelled')
    })
  },
)
