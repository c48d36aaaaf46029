import t from 'tap'
import { checkEveryLook, checkScreen, startBrowser, visit, wear, withoutBrowser } from './browser.ts'
import { everything, line, makeSick, producerKey, startDesk } from './desk-stage.ts'
import { everyKey } from './full-stage.ts'

const skip = withoutBrowser

t.test(
  'an empty overview offers a character and then a scene with it',
  { skip, timeout: 180_000 },
  async (t) => {
    const gateway = await startDesk(t)
    const browser = await startBrowser(t)
    const { page, open } = await visit(t, browser, gateway.address, { key: everyKey })
    page.setDefaultTimeout(20_000)
    await open('/')
    await page.getByText('Nothing needs you.').waitFor()
    const make = page.getByRole('link', { name: 'Make a character from the bundled clip' })
    t.match(await make.getAttribute('href'), /\/console\/characters\/new\?sample=true/)
    t.equal(await page.getByText('Newest').count(), 0, 'no empty table')
    await checkScreen(t, page, 'the first run')

    const clip = `${gateway.simulator.origin}/clips/coffee-girl.mp4?seconds=3&size=640x360`
    const body = { name: 'coffee_girl', description: 'a young woman in a green apron', video_url: clip }
    const { status } = await gateway.call('POST', '/characters', body, everything)
    t.equal(status, 201)
    await open('/')
    const scene = page.getByRole('link', { name: 'Render a scene with @coffee_girl' })
    t.match(await scene.getAttribute('href'), /\/console\/studio\?character=coffee_girl/)
    t.equal(await make.count(), 0, 'the first step is done')
  },
)

t.test(
  'the overview says what needs somebody by urgency, and stands every look',
  { skip, timeout: 180_000 },
  async (t) => {
    const gateway = await startDesk(t)
    const browser = await startBrowser(t)
    const { unknown } = await makeSick(gateway)
    const { page, open } = await visit(t, browser, gateway.address, { key: everyKey })
    page.setDefaultTimeout(20_000)
    await open('/')
    const outcome = line(page, '1 outcome is unknown. $0.12 is held.')
    await outcome.getByText('is looked for until').waitFor()
    t.match(
      await outcome.getByRole('link').getAttribute('href'),
      new RegExp(`/console/generations/${unknown}$`),
      'one alone is a click away',
    )
    await line(page, 'reseller').getByText('Creates fail. Next try at').waitFor()
    const heads = await page.locator('.desk-line-head').allInnerTexts()
    t.match(heads[0], 'outcome is unknown')
    t.match(heads[1], 'reseller')
    t.equal(heads.length, 2, 'a line that is zero is not shown')

    const accepted = page.getByRole('figure', { name: /Accepted/ })
    await accepted.waitFor()
    t.match(await accepted.innerText(), /Accepted\n4/)
    t.match(await page.getByRole('figure', { name: /Failed attempts/ }).innerText(), 'overloaded')
    await page.getByText('As a table').click()
    await page.getByRole('region', { name: 'The last 24 hours by the hour' }).waitFor()
    t.equal(await page.locator('.day-table tbody tr').count(), 24)
    const newest = page.getByRole('table', { name: 'The newest generations' })
    t.equal(await newest.locator('tbody tr').count(), 4)
    t.same(await newest.getByRole('columnheader').allInnerTexts(), [
      'Prompt',
      'State',
      'Route',
      'Cost',
      'Created',
    ])

    const reason = 'The invoice is not paid.'
    await gateway.call('POST', '/operations/pause', { reason, until: null }, everything)
    const notice = page.getByRole('region', { name: 'All submissions are paused' })
    await notice.getByText(reason).waitFor()
    await notice.getByRole('button', { name: 'Resume all submissions' }).click()
    await page.getByRole('dialog').getByRole('button', { name: 'Resume all submissions' }).click()
    await notice.waitFor({ state: 'detached' })

    await checkEveryLook(t, page, 'the overview')

    await page.route(
      (url) => !url.pathname.startsWith('/console'),
      (route) => route.abort('internetdisconnected'),
    )
    await page.reload()
    await page.getByRole('region', { name: 'The gateway does not answer' }).waitFor()
    await wear(page, { language: 'zh-Hant' })
    const away = page.getByRole('region', { name: '閘道沒有回應' })
    t.match(await away.innerText(), '請檢查網路', 'that nobody answers is said in the language of the reader')

    await page.close()
    const producer = await visit(t, browser, gateway.address, { key: producerKey })
    producer.page.setDefaultTimeout(20_000)
    await producer.open('/')
    await producer.page.getByText('Two steps to the first video').waitFor()
    await line(producer.page, 'reseller').waitFor()
    t.equal(await line(producer.page, 'outcome').count(), 0, 'the work of another tenant is none of theirs')
  },
)
