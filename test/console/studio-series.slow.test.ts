import t from 'tap'
import { checkScreen, startBrowser, withoutBrowser } from './browser.ts'
import { creates, makeCharacter, openScreen, priced, sceneOf, startStudio } from './studio-stage.ts'

t.setTimeout(240_000)

if (withoutBrowser !== false) {
  t.pass('skipped', { skip: withoutBrowser })
} else {
  const browser = await startBrowser(t)
  const gateway = await startStudio(t)
  await makeCharacter(gateway, 'coffee_girl', 'a woman in a green apron')

  t.test('three scenes at once are written and sent by the keyboard alone, at one price', async (t) => {
    const page = await openScreen(t, browser, gateway)
    const before = creates(gateway)
    await page.getByRole('radio', { name: 'One scene' }).focus()
    await page.keyboard.press('ArrowRight')
    await sceneOf(page).focus()
    for (const words of ['@co', 'walks on the beach']) {
      await page.keyboard.type(words)
      if (words === '@co') {
        await page.locator('[role=option]').waitFor()
        await page.keyboard.press('Tab')
      }
    }
    await page.keyboard.press('Enter')
    await page.keyboard.type('a tram in the rain')
    await page.keyboard.press('Enter')
    await page.keyboard.type('a window at night')
    await priced(page).waitFor()
    t.equal(await priced(page).textContent(), 'Generate 3 videos · $0.36')
    t.equal(await page.locator('.scene-plans > li').count(), 3)
    await page.keyboard.press('Control+Enter')
    await page.getByText('3 videos were sent.').waitFor()
    await page.locator('.clip video').nth(2).waitFor({ timeout: 30_000 })
    t.equal(await page.locator('.clip').count(), 3)
    t.equal(creates(gateway) - before, 3)
    t.equal(await sceneOf(page).inputValue(), '')
    await page.getByRole('button', { name: 'Bring the scenes back' }).press('Enter')
    t.equal(
      await sceneOf(page).inputValue(),
      '@coffee_girl walks on the beach\na tram in the rain\na window at night',
    )
  })

  t.test('what is refused stays in the field, what was accepted does not', async (t) => {
    const page = await openScreen(t, browser, gateway)
    await page.getByRole('radio', { name: 'Several scenes' }).press('Space')
    await sceneOf(page).fill('a mill\n@nobody waves\na lake')
    await page.getByText('Scene 2: There is no character @nobody').waitFor()
    t.equal(await page.locator('mark.mark-fault').textContent(), '@nobody')
    await sceneOf(page).fill('a mill\na lake')
    await priced(page).waitFor()
    let calls = 0
    await page.route('**/generate', (route) => {
      calls += 1
      const detail = 'The limit of this key is reached.'
      return calls === 2
        ? route.fulfill({ status: 429, json: { detail, code: 'rate_limited' } })
        : route.continue()
    })
    await sceneOf(page).press('Control+Enter')
    await page.getByText('Accepted: 1 of 2.').waitFor()
    t.equal(await sceneOf(page).inputValue(), 'a lake')
    await page.locator('.clip').waitFor()
  })

  t.test('a series is made, a refused scene gets other words, and another series is cancelled', async (t) => {
    const page = await openScreen(t, browser, gateway)
    await page.getByRole('radio', { name: 'Several scenes' }).press('Space')
    await page.getByRole('radio', { name: 'A series' }).press('Space')
    await page.getByLabel('Name of the series').fill('A day')
    await page.getByRole('checkbox', { name: '@coffee_girl' }).press('Space')
    await page.locator('.more > summary').click()
    await page.getByLabel('Ceiling for the whole series').fill('5')
    await sceneOf(page).fill('walks on the beach\nsomething forbidden')
    await priced(page).waitFor()
    t.equal(await priced(page).textContent(), 'Make the series · $0.24')
    await priced(page).click()
    const series = page.getByRole('region', { name: 'A day' })
    await page.locator('.series[data-state=failed]').waitFor({ timeout: 30_000 })
    t.match(await series.textContent(), /1 of 2 done.*ceiling \$5\.00.*content_refused/s)
    await checkScreen(t, page, 'a failed series')
    const { body } = await gateway.call('GET', '/series')
    t.match(body.data, [{ name: 'A day', max_cost_usd: 5 }])
    await series.getByLabel('Words for scene 2').fill('@coffee_girl at a window')
    await series.getByRole('button', { name: 'Retry' }).click()
    await page.locator('.series[data-state=completed]').waitFor({ timeout: 30_000 })
    t.equal(await series.locator('video').count(), 2)

    await sceneOf(page).fill('a long walk\na longer walk')
    await page.getByRole('checkbox', { name: 'slow' }).press('Space')
    await page.getByLabel('Ceiling for the whole series').fill('')
    await priced(page).click()
    await page.getByRole('button', { name: 'Cancel the series' }).click()
    await page.getByRole('dialog').getByRole('button', { name: 'Cancel the series' }).click()
    await page.locator('.series[data-state=cancelled]').waitFor({ timeout: 20_000 })

    const other = await openScreen(t, browser, gateway)
    await other.getByText('Earlier series').click()
    await other.getByRole('button', { name: 'Show series A day' }).last().click()
    await other.locator('.series[data-state=completed]').waitFor()
  })
}
