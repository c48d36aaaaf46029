import type { Locator, Page } from 'playwright-core'
import t from 'tap'
import { aClip } from '../fixtures/clips.ts'
import { keys } from '../e2e/gateway.ts'
import { startBrowser, visit, withoutBrowser } from './browser.ts'
import { startCompareStage } from './compare-stage.ts'

const mostTabs = 90

t.test(
  'from a clip to a character, three scenes, two upstreams side by side, blind scores and a download, without the mouse',
  { skip: withoutBrowser, timeout: 290_000 },
  async (t) => {
    const gateway = await startCompareStage(t, { hasCharacter: false })
    const browser = await startBrowser(t)
    const { page, open } = await visit(t, browser, gateway.address, { key: keys.studio })
    page.setDefaultTimeout(40_000)
    await open('/')
    const { keyboard } = page

    await goTo(page, 'c', 'Characters')
    await tabTo(page, page.locator('main').getByRole('link', { name: 'Make a character' }).first())
    await keyboard.press('Enter')
    await chooseClip(page)
    await tabTo(page, page.getByRole('textbox', { name: 'Name' }))
    await keyboard.type('coffee_girl')
    await tabTo(page, page.getByRole('textbox', { name: 'Description' }))
    await keyboard.type('a young woman in a green apron')
    await tabTo(page, page.getByRole('button', { name: 'Make the character' }))
    await keyboard.press('Enter')
    await page.getByRole('heading', { level: 1, name: 'coffee_girl' }).waitFor()

    await goTo(page, 's', 'Studio')
    await tabTo(page, page.getByRole('radio', { name: 'One scene' }))
    await keyboard.press('ArrowRight')
    await tabTo(page, page.locator('textarea').first())
    await keyboard.type('@co')
    await page.getByRole('option').first().waitFor()
    await keyboard.press('Tab')
    await keyboard.type('walks on the beach')
    for (const scene of ['a crowded tram', 'a window in the rain']) {
      await keyboard.press('Enter')
      await keyboard.type(`${scene} with @coffee_girl `)
    }
    await page.getByRole('button', { name: 'Generate 3 videos · $0.36' }).waitFor()
    await keyboard.press('Control+Enter')
    await page.locator('.clip video').nth(2).waitFor()

    await tabTo(page, page.getByRole('link', { name: 'Compare upstreams' }).first())
    await keyboard.press('Enter')
    await page.getByRole('heading', { level: 1, name: 'New comparison' }).waitFor()
    t.equal(await page.getByLabel('Character').inputValue(), 'coffee_girl')
    await tabTo(page, page.getByLabel('Scenes, one on each line'))
    await keyboard.type('@coffee_girl walks on the beach')
    for (const name of ['reseller', 'official']) {
      await tabTo(page, page.getByRole('checkbox', { name }))
      await keyboard.press('Space')
    }
    const make = page.getByRole('button', { name: 'Compare 2 videos · at most $0.92' })
    await make.waitFor()
    await tabTo(page, make)
    await keyboard.press('Enter')
    await page.getByText('2 of 2 delivered').waitFor({ timeout: 90_000 })
    await page.waitForFunction(() =>
      [...document.querySelectorAll('video')].every(({ readyState }) => readyState >= 3),
    )
    await tabTo(page, page.getByRole('slider', { name: 'Position' }))
    await keyboard.press('Space')
    await page.waitForFunction(() =>
      [...document.querySelectorAll('video')].every(({ currentTime }) => currentTime > 0.5),
    )
    await keyboard.press('Space')

    await tabTo(page, page.getByRole('link', { name: 'Score blind' }))
    await keyboard.press('Enter')
    await page.getByText('1 of 1').waitFor()
    await keyboard.type('543123')
    await keyboard.press('Enter')
    await page.getByRole('heading', { name: 'Who was who' }).waitFor()
    await tabTo(page, page.getByRole('link', { name: 'To the results' }))
    await keyboard.press('Enter')
    await page.getByText('Score again').waitFor()

    await tabTo(page, page.getByRole('link', { name: 'Download the video of reseller, scene 1' }))
    const [download] = await Promise.all([page.waitForEvent('download'), keyboard.press('Enter')])
    t.equal(await download.failure(), null)
    const { body } = await gateway.call('GET', '/comparisons')
    const { cells } = (await gateway.call('GET', `/comparisons/${body.data[0].id}`)).body
    const scores = cells.map(({ own_scores: own }: { own_scores: unknown }) => own)
    t.same(
      scores.toSorted((a: { face: number }, b: { face: number }) => b.face - a.face),
      [
        { face: 100, clothing: 75, style: 50 },
        { face: 0, clothing: 25, style: 50 },
      ],
    )
    t.equal(gateway.simulator.control.renders().length, 5, 'three scenes and two compared')
  },
)

/** Presses `g` and `key` as a hand does, one right after the other: awaited one by one, a busy browser puts seconds between them. */
async function goTo(page: Page, key: string, heading: string): Promise<void> {
  await Promise.all([page.keyboard.press('g'), page.keyboard.press(key)])
  await page.getByRole('heading', { level: 1, name: heading }).waitFor()
}

/** Presses Tab, or Shift and Tab, until the element has the focus: what cannot be reached so, fails. */
async function tabTo(page: Page, target: Locator): Promise<void> {
  await target.waitFor({ state: 'attached' })
  for (let pressed = 0; pressed < mostTabs; pressed++) {
    if (await target.evaluate((element) => element === document.activeElement)) return
    const isBefore = await target.evaluate((element) => {
      const { activeElement } = document
      if (activeElement === null || activeElement === document.body) return false
      return (element.compareDocumentPosition(activeElement) & Node.DOCUMENT_POSITION_FOLLOWING) !== 0
    })
    await page.keyboard.press(isBefore ? 'Shift+Tab' : 'Tab')
  }
  throw new Error(`${target.toString()} cannot be reached by the keyboard`)
}

/** The clip comes from a file: Space on its field opens the dialog of the browser. */
async function chooseClip(page: Page): Promise<void> {
  await tabTo(page, page.locator('input[type=file][accept^="video"]'))
  const [chooser] = await Promise.all([page.waitForEvent('filechooser'), page.keyboard.press('Space')])
  const buffer = Buffer.from(await aClip({ seconds: 3, width: 320, height: 240 }))
  await chooser.setFiles({ name: 'clip.mp4', mimeType: 'video/mp4', buffer })
  await page.getByText('Chosen: clip.mp4').waitFor()
}
