import t from 'tap'
import { keys, startGateway } from './gateway.ts'
import type { Answer, Gateway } from './gateway.ts'

const request = { prompt: 'a harbour at dawn', duration: 10 }
/** No key, where the stage sends one by itself. */
const nobody = { authorization: '' }

const ticketFor = async (gateway: Gateway, path: string, headers = {}): Promise<Answer> =>
  gateway.call('POST', '/event-tickets', { path }, headers)

/** As a browser opens it: a header that is left out, not an empty one. */
async function open(gateway: Gateway, url: string, headers = {}) {
  const answer = await fetch(gateway.address + url, { headers })
  return { status: answer.status, text: await answer.text() }
}

t.test(
  'a ticket opens the stream that it is for, as often as a browser reconnects in a minute',
  async (t) => {
    const lines: string[] = []
    const gateway = await startGateway(t, { onLine: (line) => void lines.push(line) })
    const { id } = await gateway.generate(request)
    const path = `/generations/${id}/events`
    const { status, body, headers } = await ticketFor(gateway, path)
    t.equal(status, 201)
    t.equal(headers.get('cache-control'), 'no-store')
    t.equal(headers.get('location'), path)
    t.equal(body.url, `${path}?ticket=${body.ticket}`)
    t.equal(Date.parse(body.expires_at), gateway.now() + 60_000)
    const whole = await open(gateway, body.url)
    t.equal(whole.status, 200)
    t.match(whole.text, /event: generation\.completed/)
    await gateway.advance(59_999)
    const resumed = await open(gateway, body.url, { 'last-event-id': '1' })
    t.equal(resumed.status, 200)
    t.notMatch(resumed.text, /^id: 1$/m)
    await gateway.advance(1)
    const over = await open(gateway, body.url)
    t.equal(over.status, 401)
    t.match(JSON.parse(over.text), { code: 'unauthorized', errors: [{ pointer: '#/query/ticket' }] })
    t.notOk(
      lines.some((line) => line.includes(body.ticket)),
      'it is in no line of the log',
    )
  },
)

t.test('a ticket opens nothing else', async (t) => {
  const gateway = await startGateway(t)
  const [first, second] = [await gateway.generate(request), await gateway.generate(request)]
  const { ticket } = (await ticketFor(gateway, `/generations/${first.id}/events`)).body
  for (const path of [
    `/generations/${second.id}/events`,
    '/events',
    `/generations/${first.id}`,
    `/generations/${first.id}/video`,
    '/generations',
  ]) {
    const { status } = await open(gateway, `${path}?ticket=${ticket}`)
    t.ok(status === 401, `${path}: ${status}`)
  }
  const forged = `${ticket.slice(0, -1)}${ticket.endsWith('A') ? 'B' : 'A'}`
  t.equal((await open(gateway, `/generations/${first.id}/events?ticket=${forged}`)).status, 401)
})

t.test('a ticket is made only for what its key may see, and ends with the key', async (t) => {
  const gateway = await startGateway(t)
  const { id } = await gateway.generate(request)
  const path = `/generations/${id}/events`
  const bank = { authorization: `Bearer ${keys.bank}` }
  t.match(await ticketFor(gateway, path, bank), { status: 404, body: { code: 'not_found' } })
  t.match(await ticketFor(gateway, path, nobody), { status: 401 })
  t.match(await ticketFor(gateway, '/generations', bank), {
    status: 400,
    body: { errors: [{ pointer: '/path' }] },
  })
  const admin = { authorization: `Bearer ${gateway.container.adminKey}` }
  t.match(await ticketFor(gateway, path, admin), { status: 403, body: { code: 'forbidden' } })
  const input = { name: 'page', tenant: 'studio', scopes: ['read'] }
  const { body: page } = await gateway.call('POST', '/keys', input, admin)
  const { body: ticket } = await ticketFor(gateway, path, { authorization: `Bearer ${page.secret}` })
  t.equal((await open(gateway, ticket.url)).status, 200)
  const film = { name: 'a film', scenes: [{ prompt: 'a mill' }] }
  const series = (await gateway.call('POST', '/series', film)).body
  t.equal((await ticketFor(gateway, `/series/${series.id}/events`)).status, 201)
  t.equal((await ticketFor(gateway, `/series/${series.id}/events`, bank)).status, 404)
  t.equal((await gateway.call('DELETE', `/keys/${page.id}`, undefined, admin)).status, 204)
  t.equal((await open(gateway, ticket.url)).status, 401)
})
