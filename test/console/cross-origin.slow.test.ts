import { once } from 'node:events'
import { createServer } from 'node:http'
import t from 'tap'
import { keys, startGateway } from '../e2e/gateway.ts'
import { startBrowser, withoutBrowser } from './browser.ts'

t.test(
  'a page of a configured origin makes a video with a key, and follows it with a ticket; a page of another origin cannot',
  { skip: withoutBrowser, timeout: 120_000 },
  async (t) => {
    const site = createServer((_, response) => {
      response.setHeader('content-type', 'text/html').end('<!doctype html><title>App</title>')
    }).listen(0, '127.0.0.1')
    t.teardown(() => site.close())
    await once(site, 'listening')
    const bound = site.address()
    if (bound === null || typeof bound === 'string') throw new Error('the site has no port')
    const { port } = bound
    const gateway = await startGateway(t, { server: { cors_origins: [`http://127.0.0.1:${port}`] } })
    const browser = await startBrowser(t)
    const page = await browser.newPage()
    /** What a script of the page gets. */
    const callFrom = async (origin: string) => {
      await page.goto(origin)
      return page.evaluate(
        async ({ address, key }) => {
          const headers = {
            authorization: `Bearer ${key}`,
            'content-type': 'application/json',
            'idempotency-key': crypto.randomUUID(),
          }
          const body = JSON.stringify({ prompt: 'a mill', duration: 10 })
          try {
            const made = await fetch(`${address}/generate`, { method: 'POST', headers, body })
            const { id } = await made.json()
            const events = await fetch(`${address}/generations/${id}/events`, { headers })
            const first = await events.body?.pipeThrough(new TextDecoderStream()).getReader().read()
            await events.body?.cancel().catch(() => {})
            const path = `/generations/${id}/events`
            const asked = { method: 'POST', headers, body: JSON.stringify({ path }) }
            const ticket = await (await fetch(`${address}/event-tickets`, asked)).json()
            const stream = new EventSource(address + ticket.url)
            const told = await new Promise((resolve) => {
              stream.addEventListener('generation.queued', ({ type }) => resolve(type))
              stream.addEventListener('error', () => resolve('it failed'))
            })
            stream.close()
            return {
              status: made.status,
              location: made.headers.get('location'),
              first: first?.value ?? '',
              told,
            }
          } catch (error) {
            return String(error)
          }
        },
        { address: gateway.address, key: keys.studio },
      )
    }
    t.match(await callFrom(`http://127.0.0.1:${port}`), {
      status: 202,
      location: /\/generations\/gen_/,
      first: /^: open/,
      told: 'generation.queued',
    })
    t.equal(await callFrom(`http://localhost:${port}`), 'TypeError: Failed to fetch')
    t.equal((await gateway.call('GET', '/generations')).body.data.length, 1, 'nothing was sent for the other')
  },
)
