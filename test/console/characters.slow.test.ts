import { fileURLToPath } from 'node:url'
import t from 'tap'
import type { Page } from 'playwright-core'
import { checkEveryLook, startBrowser, visit, withoutBrowser } from './browser.ts'
import { everyKey, startLive, until } from './full-stage.ts'

t.setTimeout(400_000)

const sample = fileURLToPath(new URL('../../src/console/src/pages/characters/sample.mp4', import.meta.url))
const as = { authorization: `Bearer ${everyKey}` }
const script = '<img src=x onerror="document.title=\'broken\'">'

async function field(page: Page, edge: 'Start' | 'End') {
  return page.getByLabel(`${edge} (seconds)`).inputValue()
}

/** Waits until the length of the video is known, so that the edges can be moved. */
async function stripOf(page: Page) {
  const [start, end] = [
    page.getByRole('slider', { name: 'Start' }),
    page.getByRole('slider', { name: 'End' }),
  ]
  await end.waitFor()
  return { start, end }
}

/** Whether the canvas has a colour at its far right. */
function isPainted(): boolean {
  const canvas = document.querySelector('canvas')
  const last = canvas?.getContext('2d')?.getImageData(canvas.width - 40, 27, 1, 1).data
  return (last?.[3] ?? 0) > 0
}

t.test('characters in the browser', { skip: withoutBrowser }, async (t) => {
  const gateway = await startLive(t)
  const browser = await startBrowser(t)
  const address = gateway.address
  const see = async (id: string) => (await gateway.call('GET', `/characters/${id}`, undefined, as)).body
  const clip = `${gateway.simulator.origin}/clips/tea.mp4?seconds=2&size=320x240`
  const given = { name: 'tea_girl', description: script, video_url: clip }
  t.equal((await gateway.call('POST', '/characters', given, as)).status, 201)

  await t.test('one is made from a file, with edges moved and everything sent by keyboard', async (t) => {
    const { page, open } = await visit(t, browser, address, { key: everyKey })
    await open('/characters/new')
    await page.getByRole('button', { name: 'Make the character' }).press('Enter')
    await page.getByText('Choose the clip first.').waitFor()
    await page.getByText('Give the character a name.').waitFor()
    await page.locator('.drop input').setInputFiles(sample)
    const { start, end } = await stripOf(page)
    await page.waitForFunction(isPainted)
    t.same([await field(page, 'Start'), await field(page, 'End')], ['0', '3'])
    await end.focus()
    for (const key of ['Shift+ArrowRight', 'ArrowRight', 'ArrowRight', 'ArrowLeft'])
      await page.keyboard.press(key)
    await start.focus()
    await page.keyboard.press('PageUp')
    await page.keyboard.press('ArrowUp')
    t.same([await field(page, 'Start'), await field(page, 'End')], ['1.1', '4.1'])
    t.equal(await start.getAttribute('aria-valuetext'), '1.1 s of 5 s')
    await page.waitForFunction(() => {
      const { currentTime = 0, paused } = document.querySelector('video') ?? {}
      return paused === false && currentTime > 1.2 && currentTime < 4.4
    })
    const name = page.getByLabel('Name')
    await name.fill('Barista')
    await page.getByText('A name has no upper case. Try barista.').waitFor()
    await name.fill('tea_girl')
    await page.getByText('@tea_girl is taken. Choose another name.').waitFor()
    await page.keyboard.press('Enter')
    await page.getByText('A character named tea_girl already exists. Choose another name.').waitFor()
    await name.fill('barista')
    await page.getByText('@barista is free.').waitFor()
    await page.getByLabel('Description').fill('A woman in a green apron.')
    await name.press('Enter')
    await page.getByRole('heading', { name: '@barista' }).waitFor()
    const made = await see('barista')
    t.match(made, {
      source: { type: 'upload', file_name: 'sample.mp4' },
      description: 'A woman in a green apron.',
    })
    t.ok(Math.abs(made.clip.duration - 3) < 0.2, `${made.clip.duration} s were kept`)
  })

  await t.test('an upload can be stopped, and then nothing was made', async (t) => {
    const { page, context, open } = await visit(t, browser, address, { key: everyKey })
    await open('/characters/new?sample=1')
    await stripOf(page)
    await page.getByLabel('Name').fill('sampled')
    const network = await context.newCDPSession(page)
    const pace = { offline: false, latency: 0, downloadThroughput: -1 }
    await network.send('Network.emulateNetworkConditions', { ...pace, uploadThroughput: 4000 })
    await page.getByRole('button', { name: 'Make the character' }).click()
    await page.getByRole('button', { name: 'Stop' }).click()
    await page.getByText('Stopped. Nothing was made.').waitFor()
    t.equal((await gateway.call('GET', '/characters/sampled', undefined, as)).status, 404)
    await network.send('Network.emulateNetworkConditions', { ...pace, uploadThroughput: -1 })
    await page.getByRole('button', { name: 'Make the character' }).click()
    await page.getByRole('heading', { name: '@sampled' }).waitFor()
    t.match(await see('sampled'), { source: { type: 'upload', file_name: 'sample.mp4' } })
  })

  const scene = { prompt: '@tea_girl waves', duration: 5, routing: { upstreams: ['reseller'] } }
  const accepted = await gateway.call('POST', '/generate', scene, as)
  await until(gateway, accepted.body.id, ({ status }) => status === 'completed')

  await t.test(
    'one is made from a video of this gateway, or from an address with the seconds typed',
    async (t) => {
      const { page, open } = await visit(t, browser, address, { key: everyKey })
      await open(`/characters/new?generation=${accepted.body.id}`)
      const { end } = await stripOf(page)
      await end.press('ArrowLeft')
      await page.getByLabel('Name').fill('茶女孩')
      await page.getByRole('button', { name: 'Make the character' }).click()
      await page.getByRole('heading', { name: '@茶女孩' }).waitFor()
      t.match(await see('茶女孩'), { source: { type: 'generation', generation_id: accepted.body.id } })

      await open('/characters/new')
      await page.getByLabel('An address').check()
      await page.getByLabel('Address of the video').fill('http://127.0.0.1:1/none.mp4')
      await page.getByLabel('Start (seconds)').fill('2')
      await page.getByLabel('End (seconds)').fill('1')
      await page.getByText('The end has to be after the start.').waitFor()
      await page.getByLabel('Start (seconds)').fill('0')
      await page.getByLabel('Name').fill('from_afar')
      await page.getByRole('button', { name: 'Make the character' }).click()
      await page.locator('[aria-invalid="true"][type="url"]').waitFor()
      await page.getByLabel('Address of the video').fill(clip)
      await page.getByRole('button', { name: 'Make the character' }).click()
      await page.getByRole('heading', { name: '@from_afar' }).waitFor()
      t.ok(Math.abs((await see('from_afar')).clip.duration - 1) < 0.2)
    },
  )

  await t.test(
    'a failed binding says why, is made anew, and what was made is shown with its cost',
    async (t) => {
      gateway.simulator.control.setFaults('prepaid', [
        { kind: 'reset', accepted: true, on: ['character_create'], times: 1 },
      ])
      await gateway.call('POST', '/characters/tea_girl/bindings', { upstreams: ['prepaid'] }, as)
      const { page, open } = await visit(t, browser, address, { key: everyKey })
      await open('/characters/tea_girl')
      const row = page.getByRole('row').filter({ has: page.getByRole('link', { name: 'prepaid' }) })
      await row.getByText('outcome_unknown').waitFor()
      await row.getByText('One more may exist there').waitFor()
      t.equal(await page.getByText(script).textContent(), script, 'a description with a script is text')
      await page.getByRole('button', { name: 'Bind now: prepaid' }).click()
      const dialog = page.getByRole('dialog')
      await dialog.getByText('If so, there are two of it, and both may be charged.').waitFor()
      await dialog.getByRole('button', { name: 'Bind now' }).click()
      await row.getByText('Ready').waitFor()
      await row.getByText('created 2 times').waitFor()
      t.equal(
        await page.locator('.character-figures dd').nth(1).textContent(),
        '$0.12',
        'what its video cost',
      )
      await page.getByRole('link', { name: '@tea_girl waves' }).waitFor()
      t.equal(
        await page.getByRole('link', { name: 'Use in the studio' }).getAttribute('href'),
        '/console/studio?character=tea_girl',
      )

      await page.getByRole('button', { name: 'Edit' }).click()
      await dialog.getByLabel('Name').fill('char_tea')
      await dialog.getByText('A name does not begin with char_.').waitFor()
      await dialog.getByLabel('Name').fill('jasmine')
      await dialog.getByRole('button', { name: 'Save' }).click()
      await page.getByRole('heading', { name: '@jasmine' }).waitFor()
      t.equal((await see('jasmine')).description, script)
    },
  )

  await t.test('every look of the screens stands', async (t) => {
    const { id } = await see('jasmine')
    const { page, open } = await visit(t, browser, address, { key: everyKey })
    for (const path of [`/characters/${id}`, '/characters', '/characters/new?sample=1']) {
      await open(path)
      await page.locator('.character-card, .character-upstreams tbody tr, .strip-handle').first().waitFor()
      await checkEveryLook(t, page, path)
    }
  })

  await t.test('deleting says what stays at upstreams; a key that only reads is told so once', async (t) => {
    const { page, open } = await visit(t, browser, address, { key: everyKey })
    await open('/characters/jasmine')
    await page.getByRole('button', { name: 'Delete' }).click()
    const dialog = page.getByRole('dialog')
    await dialog.getByText('What these upstreams know of it stays there: prepaid and reseller.').waitFor()
    await dialog.getByRole('button', { name: 'Delete' }).click()
    await page.getByRole('link', { name: '@barista' }).waitFor()
    t.equal(await page.getByRole('link', { name: '@jasmine' }).count(), 0)
    t.equal((await gateway.call('GET', '/characters/jasmine', undefined, as)).status, 404)
    await page.getByLabel('Search characters').fill('no such')
    await page.getByText('No character matches this search.').waitFor()
    t.match(page.url(), /[?&]q=no(?:\+|%20)such/)

    const asked = { name: 'reader', tenant: 'other', scopes: ['read'] }
    const { body: reader } = await gateway.call('POST', '/keys', asked, as)
    const reading = await visit(t, browser, address, { key: reader.secret })
    await reading.open('/characters/barista')
    await reading.page.getByText('This takes a key with the scope generate.').waitFor()
    t.equal(await reading.page.getByRole('button', { name: /Edit|Delete|Bind now|Cut them now/ }).count(), 0)
  })
})
