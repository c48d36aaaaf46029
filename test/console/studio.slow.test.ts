import t from 'tap'
import type { Gateway } from '../e2e/gateway.ts'
import { keys } from '../e2e/gateway.ts'
import { checkEveryLook, checkScreen, startBrowser, visit, withoutBrowser } from './browser.ts'
import { creates, makeCharacter, names, openScreen, priced, sceneOf, startStudio } from './studio-stage.ts'

t.setTimeout(240_000)

interface Counts {
  generations: number
  /** Creates that upstreams were sent. */
  creates: number
}

async function countOf(gateway: Gateway): Promise<Counts> {
  const { body } = await gateway.call('GET', '/generations?limit=100')
  return { generations: body.data.length, creates: creates(gateway) }
}

if (withoutBrowser !== false) {
  t.pass('skipped', { skip: withoutBrowser })
} else {
  const browser = await startBrowser(t)
  // One for all tests: a start takes longer than most of them.
  const gateway = await startStudio(t)
  await makeCharacter(gateway, 'coffee_girl', 'a woman in a green apron')
  await makeCharacter(gateway, 'old_man', 'an old man with a cane')

  t.test('without characters, the studio offers to make one', async (t) => {
    const page = await openScreen(t, browser, gateway, { key: keys.other })
    await page.getByText('There are no characters yet.').waitFor()
    t.equal(
      await page.getByRole('link', { name: 'Make a character' }).getAttribute('href'),
      '/console/characters/new',
    )
    await checkScreen(t, page, 'the first run')
  })

  t.test('a scene is written, priced and sent by the keyboard alone', async (t) => {
    const before = await countOf(gateway)
    const page = await openScreen(t, browser, gateway)
    const scene = sceneOf(page)
    await scene.focus()
    const asked: number[] = []
    page.on('response', (answer) => {
      if (answer.url().endsWith('/route')) asked.push(answer.status())
    })
    await page.keyboard.type('@')
    await names(page).nth(1).waitFor()
    t.equal(await page.getByRole('status').first().textContent(), '2 names fit')
    await page.keyboard.type('co')
    await names(page).filter({ hasText: '@old_man' }).waitFor({ state: 'detached' })
    t.match(await names(page).textContent(), /@coffee_girl.*green apron/)
    const active = await scene.getAttribute('aria-activedescendant')
    t.equal(await names(page).getAttribute('id'), active)
    t.equal(await scene.getAttribute('role'), null, 'a text area is no combobox')
    t.strictSame(asked, [], 'nothing is asked while a name is typed')
    t.equal(await page.locator('.faults').count(), 0)

    await page.keyboard.press('Enter')
    t.equal(await scene.inputValue(), '@coffee_girl ')
    await page.keyboard.type('walks on the beach')
    const typedAt = Date.now()
    await priced(page).waitFor()
    t.comment(`the price came ${Date.now() - typedAt} ms after the last key`)
    const label = (await priced(page).textContent()) ?? ''
    const plan = await gateway.call('POST', '/route', { prompt: await scene.inputValue(), size: 'landscape' })
    t.equal(label, `Generate · $${plan.body.estimated_cost_usd.toFixed(2)}`)
    const panel = page.getByRole('region', { name: 'Route as planned' })
    t.match(await panel.textContent(), /reseller.*official.*@coffee_girl.*Worst case/s)

    await page.keyboard.press('Control+Enter')
    const clip = page.locator('.clip')
    await clip.first().waitFor()
    const [generation] = (await gateway.call('GET', '/generations')).body.data
    t.equal(`Generate · $${generation.route.estimated_cost_usd.toFixed(2)}`, label)
    const video = page.locator('.clip video')
    await video.waitFor({ timeout: 20_000 })
    await video.evaluate((element: HTMLVideoElement) => element.play())
    const seconds = await video.evaluate((element: HTMLVideoElement) => element.duration)
    t.ok(Math.abs(seconds - 10) < 0.5, `plays in place, ${seconds} s long`)
    t.equal(
      await page.getByRole('link', { name: 'Download' }).getAttribute('href'),
      `/generations/${generation.id}/video`,
    )
    t.strictSame(await countOf(gateway), { generations: before.generations + 1, creates: before.creates + 1 })
  })

  t.test('an unknown name is a fault at its words, and is put right by the keyboard', async (t) => {
    const before = await countOf(gateway)
    const page = await openScreen(t, browser, gateway)
    const scene = sceneOf(page)
    await scene.pressSequentially('with @coffee_gril')
    t.equal(await page.locator('.faults').count(), 0, 'no fault while the name is typed')
    await scene.pressSequentially(' walks')
    await page.locator('.faults li').waitFor()
    t.equal(await page.locator('mark.mark-fault').textContent(), '@coffee_gril')
    t.match(await page.locator('.faults').textContent(), /There is no character @coffee_gril/)
    const described = (await scene.getAttribute('aria-describedby'))?.split(' ') ?? []
    t.ok(described.includes((await page.locator('.faults').getAttribute('id')) ?? ''))
    await page.keyboard.press('Control+Enter')
    await page.getByRole('button', { name: 'Use @coffee_girl' }).press('Enter')
    t.equal(await scene.inputValue(), 'with @coffee_girl walks')
    await priced(page).waitFor()
    t.equal(await page.locator('.faults').count(), 0)
    t.strictSame(await countOf(gateway), before, 'nothing was sent')

    await scene.fill('a mill')
    await page.locator('.more > summary').click()
    await page.getByLabel(/Ceiling/).fill('0.01')
    await page.getByText('No configured upstream can serve this request').waitFor()
    t.match(
      await page.getByRole('region', { name: 'Route as planned' }).textContent(),
      /reseller.*over_max_cost/s,
    )
    await page.getByLabel(/Ceiling/).fill('much')
    await page.getByText('An amount above 0').waitFor()
  })

  t.test('a double click, a lost answer and a second try make one video', async (t) => {
    const before = await countOf(gateway)
    const window = await visit(t, browser, gateway.address, { key: keys.studio })
    await window.open('/studio')
    const { page } = window
    const made = async () => (await countOf(gateway)).generations - before.generations
    await sceneOf(page).fill('a mill')
    await priced(page).dblclick()
    await sceneOf(page).press('Control+Enter')
    await page.locator('.clip').first().waitFor()
    t.equal(await made(), 1)

    await sceneOf(page).fill('a lighthouse')
    await priced(page).waitFor()
    // The gateway gets it, and its answer is lost.
    await page.route('**/generate', async (route) => {
      await route.fetch()
      await route.abort()
    })
    await sceneOf(page).press('Control+Enter')
    await page.getByText('No answer came. It may have been accepted.').waitFor()
    t.match(window.problems.splice(0), [/net::ERR_FAILED/])
    t.equal(await made(), 2)
    await page.unroute('**/generate')
    await page.reload()
    t.equal(await sceneOf(page).inputValue(), 'a lighthouse', 'what was typed is still there')
    await priced(page).click()
    await page.locator('.clip').nth(1).waitFor()
    t.equal(await made(), 2, 'the same key went along')
    await page.locator('.clip video').nth(1).waitFor({ timeout: 20_000 })
    t.equal(creates(gateway) - before.creates, 2)
  })

  t.test('a composition of Chinese owns Enter and the arrows', async (t) => {
    const before = await countOf(gateway)
    const page = await openScreen(t, browser, gateway)
    const scene = sceneOf(page)
    await scene.pressSequentially('@')
    await names(page).first().waitFor()
    const input = await page.context().newCDPSession(page)
    await input.send('Input.imeSetComposition', { text: 'co', selectionStart: 2, selectionEnd: 2 })
    await page.keyboard.press('Enter')
    t.notMatch(await scene.inputValue(), /coffee_girl/, 'Enter chose no name')
    await page.keyboard.press('Control+Enter')
    await input.send('Input.insertText', { text: '海' })
    for (const key of ['Enter', 'ArrowDown']) {
      const isLeft = await scene.evaluate((element, name) => {
        const event = new KeyboardEvent('keydown', {
          key: name,
          ctrlKey: true,
          bubbles: true,
          cancelable: true,
        })
        // As Safari tells the end of a composition.
        Object.defineProperty(event, 'keyCode', { value: 229 })
        return element.dispatchEvent(event)
      }, key)
      t.ok(isLeft, `${key} is left alone`)
    }
    t.strictSame(await countOf(gateway), before, 'nothing was sent')
  })

  t.test('what was typed survives an ended session, and the address fills in the form', async (t) => {
    const asked = { prompt: 'a windmill', duration: 5, size: 'portrait', metadata: { shot: '12b' } }
    const { id } = (await gateway.call('POST', '/generate', asked)).body
    const page = await openScreen(t, browser, gateway, { path: '/studio?character=coffee_girl' })
    await page.waitForURL(/studio$/)
    t.equal(await sceneOf(page).inputValue(), '@coffee_girl ')
    await sceneOf(page).fill('a lighthouse at dusk, rain')
    await priced(page).waitFor()
    const { origin } = new URL(page.url())
    await page.context().request.delete(`${origin}/console/session`, { headers: { origin } })
    await page.getByRole('radio', { name: 'Stability' }).press('Space')
    await page.getByRole('dialog', { name: 'Sign in again' }).waitFor()
    await page.getByLabel('API key').fill(keys.studio)
    await page.keyboard.press('Enter')
    await priced(page).waitFor()
    t.equal(await sceneOf(page).inputValue(), 'a lighthouse at dusk, rain')

    await page.goto(`${origin}/console/studio?from=${id}`)
    await page.getByText('The form was filled in from a generation.').waitFor()
    t.equal(await sceneOf(page).inputValue(), 'a windmill')
    t.equal(await page.getByRole('radio', { name: '5 s', exact: true }).isChecked(), true)
    t.equal(await page.getByRole('radio', { name: 'Portrait' }).isChecked(), true)
    await page.getByRole('button', { name: 'Undo' }).click()
    t.equal(await sceneOf(page).inputValue(), 'a lighthouse at dusk, rain')
  })

  t.test('every look is accessible: with a fault and names, with a route and a video', async (t) => {
    // So high that the bars at the top and the bottom of the window cover nothing.
    const height = 2600
    const page = await openScreen(t, browser, gateway, { look: { height } })
    const scene = sceneOf(page)
    await scene.fill('@coffee_girl meets @nobody. ')
    await page.locator('.faults li').waitFor()
    await scene.pressSequentially('@')
    await names(page).first().waitFor()
    await checkEveryLook(t, page, 'with a fault and names', { height })
    t.ok((await names(page).count()) > 0, 'the names are still there')
    await scene.fill('@coffee_girl walks')
    await priced(page).waitFor()
    await page.locator('.more > summary').click()
    await priced(page).click()
    await page.locator('.clip video').waitFor({ timeout: 20_000 })
    await checkEveryLook(t, page, 'with a route and a video', { height })
  })
}
