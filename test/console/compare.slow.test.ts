import type { Page } from 'playwright-core'
import t from 'tap'
import { keys } from '../e2e/gateway.ts'
import { checkScreen, startBrowser, visit, withoutBrowser } from './browser.ts'
import { startCompareStage } from './compare-stage.ts'
import { nowOf, spreadsWhilePlaying } from './players.ts'

t.test('comparing in a browser', { skip: withoutBrowser, timeout: 290_000 }, async (t) => {
  const gateway = await startCompareStage(t)
  const browser = await startBrowser(t)
  const { address } = gateway
  const key = keys.studio
  const scenes = ['@coffee_girl walks on the beach', '@coffee_girl in a crowded tram']
  let path = ''

  t.test('a comparison is made for what the button says, and comes without reloading', async (t) => {
    const { page, open } = await visit(t, browser, address, { key })
    await open('/compare')
    await page.getByText('There are no comparisons yet').waitFor()
    await checkScreen(t, page, 'the empty list')
    await page.getByRole('link', { name: 'New comparison' }).click()
    await page.getByLabel('Character').selectOption('coffee_girl')
    await page.getByLabel('Scenes, one on each line').fill(`${scenes[0]}\nin a crowded tram`)
    await page.getByText('1 scene does not name the character: 2.').waitFor()
    for (const name of ['reseller', 'official']) await page.getByRole('checkbox', { name }).check()
    t.equal(await page.getByRole('button', { name: /^Compare / }).count(), 0, 'not while a scene is faulty')
    await page.getByRole('button', { name: 'Put @coffee_girl before them' }).click()
    const make = page.getByRole('button', { name: 'Compare 4 videos · at most $1.84' })
    await make.waitFor()
    await checkScreen(t, page, 'the form')
    // Two presses are one comparison.
    await make.dblclick()
    await page.waitForURL(/\/compare\/cmp_/)
    path = new URL(page.url()).pathname.replace('/console', '')
    await page.getByText('4 of 4 delivered').waitFor({ timeout: 60_000 })
    t.equal((await gateway.call('GET', '/comparisons')).body.data.length, 1)
    t.equal(gateway.simulator.control.renders().length, 4, 'each video was rendered once')
    const row = page.getByRole('row', { name: /^official/ })
    await row.getByText('$1.60').waitFor()
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('link', { name: 'Download the video of official, scene 1' }).click(),
    ])
    t.match(download.suggestedFilename(), /^gen_\w+\.mp4$/)
  })

  t.test('players start, stop, step and end together; the sound is that of one', async (t) => {
    const { page, open } = await visit(t, browser, address, { key })
    await open(path)
    await ready(page, 4)
    await page.keyboard.press('Space')
    const spreads = await spreadsWhilePlaying(page, 1500)
    const worst = spreads.at(-1) ?? 1
    const usual = spreads[Math.floor(spreads.length * 0.95)] ?? 1
    t.comment(`${spreads.length} looks: 95 % within ${ms(usual)} ms, the worst ${ms(worst)} ms`)
    t.ok(spreads.length > 10 && usual <= 0.08, `95 % within ${ms(usual)} ms`)
    await page.keyboard.press('Space')
    await page.getByRole('button', { name: 'Play', exact: true }).waitFor()
    const stopped = await together(page)
    t.ok(stopped.every(({ paused }) => paused))

    await page.keyboard.press('.')
    const [first] = await together(page)
    await page.keyboard.press('.')
    await page.waitForFunction(
      (before) => document.querySelector('video')?.currentTime !== before,
      first?.time,
    )
    const [second] = await together(page)
    const frame = (second?.time ?? 0) - (first?.time ?? 0)
    t.ok(Math.abs(frame - 1 / 8) < 0.002, `one frame on: ${ms(frame)} ms; the simulator makes eight a second`)
    await page.keyboard.press(',')
    await page.waitForFunction(
      (before) => document.querySelector('video')?.currentTime !== before,
      second?.time,
    )
    t.ok(Math.abs(((await together(page))[0]?.time ?? 0) - (first?.time ?? 0)) < 0.002, 'and back')

    t.same(
      (await nowOf(page)).map(({ muted }) => muted),
      [false, true, true, true],
    )
    await page.getByRole('button', { name: 'Sound of official' }).last().click()
    await page.waitForFunction(() => document.querySelectorAll('video')[3]?.muted === false)
    t.same(
      (await nowOf(page)).map(({ muted }) => muted),
      [true, true, true, false],
    )

    const position = page.getByRole('slider', { name: 'Position' })
    await position.fill('7')
    t.match(await buttonAfterSpace(page), 'Pause', 'a press takes effect before the next frame')
    await page.getByRole('button', { name: 'Play', exact: true }).waitFor({ timeout: 20_000 })
    const ends = await nowOf(page)
    for (const { time, length, paused } of ends)
      t.ok(paused && Math.abs(time - length) < 0.05, `${time} of ${length}: on its last frame`)
    t.ok((ends[1]?.length ?? 0) - (ends[0]?.length ?? 0) > 2, 'although one is shorter')
  })

  t.test('a player that loads holds the others', async (t) => {
    const { page, open } = await visit(t, browser, address, { key })
    const gate = Promise.withResolvers<undefined>()
    const [, slow] = (await gateway.call('GET', path.replace('/compare', '/comparisons'))).body.cells
    await page.route(`**/generations/${slow.generation_id}/video`, async (route) => {
      await gate.promise
      await route.continue()
    })
    await open(path)
    await ready(page, 3)
    await page.keyboard.press('Space')
    await page.getByText(`Waiting for ${slow.upstream}`).waitFor()
    t.ok(
      (await nowOf(page)).every(({ time }) => time === 0),
      'nobody goes ahead',
    )
    gate.resolve(undefined)
    await page.waitForFunction(() =>
      [...document.querySelectorAll('video')].every(({ currentTime }) => currentTime > 0.3),
    )
    t.equal(await page.getByText(`Waiting for ${slow.upstream}`).count(), 0)
  })

  t.test('blind scores are given by keys, kept, revealed, and there again after a reload', async (t) => {
    const { page, open } = await visit(t, browser, address, { key })
    await open(path)
    await page.getByRole('link', { name: 'Score blind' }).click()
    await page.getByText('1 of 2').waitFor()
    const text = await page.locator('main').innerText()
    t.notOk(/reseller|official/.test(text), 'no name is said')
    const order = () =>
      page.locator('video').evaluateAll((all) => all.map(({ dataset }) => dataset['generation']))
    const before = await order()
    await page.reload()
    await page.getByText('1 of 2').waitFor()
    t.same(await order(), before, 'the order is that of this person')
    await page.keyboard.press('Enter')
    await page.getByText('Every slider needs a value.').waitFor()
    for (const digit of '543215') await page.keyboard.press(digit)
    await page.keyboard.press('Enter')
    await page.getByText('2 of 2').waitFor()
    for (const digit of '111222') await page.keyboard.press(digit)
    await page.keyboard.press('Enter')
    await page.getByRole('heading', { name: 'Who was who' }).waitFor()
    await checkScreen(t, page, 'the names')
    const { cells } = (await gateway.call('GET', path.replace('/compare', '/comparisons'))).body
    const own = new Map<string, unknown>(
      cells.map((cell: { generation_id: string; own_scores: unknown }) => [
        cell.generation_id,
        cell.own_scores,
      ]),
    )
    t.same(own.get(before[0] ?? ''), { face: 100, clothing: 75, style: 50 })
    t.same(own.get(before[1] ?? ''), { face: 25, clothing: 0, style: 100 })
    await page.getByRole('link', { name: 'To the results' }).click()
    await page.reload()
    const yours = page
      .getByRole('row', { name: /^reseller/ })
      .getByRole('cell')
      .last()
    await yours.waitFor()
    t.match(await yours.innerText(), /^\d+ · \d+ · \d+/)
    await page.getByRole('link', { name: 'Score again' }).waitFor()
  })

  t.test('the sheet opens with the session, and as a picture', async (t) => {
    const { page, context, open } = await visit(t, browser, address, { key })
    await open(path)
    const [sheet] = await Promise.all([
      context.waitForEvent('page'),
      page.getByRole('link', { name: 'Open' }).click(),
    ])
    await sheet
      .getByText(scenes[0] ?? '')
      .first()
      .waitFor()
    const png = await page.getByRole('link', { name: 'PNG' }).getAttribute('href')
    const picture = await context.request.get(`${address}${png}`)
    t.equal(picture.headers()['content-type'], 'image/png')
  })
})

/** Waits until so many players have loaded. */
async function ready(page: Page, count: number): Promise<void> {
  await page.waitForFunction(
    (least) =>
      [...document.querySelectorAll('video')].filter(({ readyState }) => readyState >= 3).length >= least,
    count,
  )
}

/** Presses space on the slider; what the button says then, before the page has drawn a frame. */
function buttonAfterSpace(page: Page): Promise<string> {
  return page.getByRole('slider', { name: 'Position' }).evaluate(async (slider) => {
    slider.dispatchEvent(new KeyboardEvent('keydown', { key: ' ', bubbles: true, cancelable: true }))
    await Promise.resolve()
    return document.querySelector('.transport-play')?.textContent ?? ''
  })
}

/** Waits until all that stand still show the same moment; gives what they show. */
async function together(page: Page): ReturnType<typeof nowOf> {
  await page.waitForFunction(() => {
    const all = [...document.querySelectorAll('video')]
    const times = all.map(({ currentTime }) => currentTime)
    return all.every(({ seeking }) => !seeking) && Math.max(...times) - Math.min(...times) < 0.002
  })
  return nowOf(page)
}

function ms(seconds: number): string {
  return (seconds * 1000).toFixed(1)
}
