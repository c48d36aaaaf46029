import { spawnSync } from 'node:child_process'
import { chromium } from 'playwright-core'
import t from 'tap'
import { keys } from '../e2e/gateway.ts'
import { withoutBrowser } from './browser.ts'
import { startStudio } from './studio-stage.ts'
import { generate, live, openTab, row, sorted, watchStreams } from './tab-stage.ts'

t.setTimeout(120_000)

t.test('on plain http that is not loopback, tabs agree by a lease', { skip: withoutBrowser }, async (t) => {
  spawnSync(process.execPath, ['.tooling/build-console.mjs', '--if-changed'])
  const gateway = await startStudio(t)
  const browser = await chromium.launch({
    executablePath: '/usr/bin/chromium',
    args: ['--no-sandbox', '--host-resolver-rules=MAP gateway.test 127.0.0.1'],
  })
  t.teardown(() => browser.close())
  const context = await browser.newContext()
  context.setDefaultTimeout(20_000)
  const elsewhere = gateway.address.replace(/\/\/[^:]+/, '//gateway.test')
  const streams = watchStreams(context)
  const first = await context.newPage()
  await first.goto(`${elsewhere}/console/generations`)
  t.notOk(await first.evaluate(() => 'locks' in navigator), 'there is no lock to take')
  await first.getByLabel('API key').fill(keys.studio)
  await first.getByRole('button', { name: 'Sign in' }).click()
  await live(first)
  // New rows wait while the pointer is among them.
  await first.mouse.move(0, 0)
  const ended = await generate(gateway, 'It ends', 'official')
  const second = await openTab(context, elsewhere)
  const third = await openTab(context, elsewhere)
  await generate(gateway, 'For all of them too')
  await Promise.all([first, second, third].map((tab) => row(tab, 'For all of them too').waitFor()))
  t.equal(streams.seen.most, 1, 'of three tabs, one holds a stream')
  t.strictSame(streams.leaders(), [first])

  await Promise.all([second, third].map((tab) => row(tab, 'It ends').getByText('Completed').waitFor()))
  // Lists are read again after its last step, which must not be what shows the next one.
  await first.waitForTimeout(2000)
  // As when the system ends it: nothing says goodbye, so the lease must run out.
  const devtools = await context.newCDPSession(first)
  const crashed = first.waitForEvent('crash')
  await Promise.race([devtools.send('Page.crash').catch(() => null), crashed])
  await crashed
  streams.forget(first)
  // Told once, and never again.
  t.equal((await gateway.call('DELETE', `/generations/${ended}`)).status, 204)
  await sorted(streams.leaders, [second, third])
  // Sooner than any list is read again for another reason.
  const gone = { state: 'detached', timeout: 5000 } as const
  await Promise.all([second, third].map((tab) => row(tab, 'It ends').waitFor(gone)))
  await sorted(streams.leaders, [second, third])
})
