import { once } from 'node:events'
import { createServer } from 'node:https'
import type { Socket } from 'node:net'
import { getCACertificates, setDefaultCACertificates } from 'node:tls'
import t from 'tap'
import type { Test } from 'tap'
import { createTransport } from '../../src/gateway/upstreams/transport/transport.ts'
import type { ApiCall } from '../../src/gateway/upstreams/transport/api-call.ts'
import { issue } from '../fixtures/certificates.ts'
import { fakeResolver } from '../fixtures/fake-resolver.ts'
import { fakeRemote, json, listen, startHttp } from './loopback.ts'

const name = 'video.example'
const longMs = 20_000
const create: ApiCall = { method: 'POST', path: '/videos', body: { type: 'json', value: { prompt: 'x' } } }
const times = { connectMs: longMs, fetchHeadersMs: longMs, fetchIdleMs: longMs }

const authority = await issue({ name: 'An authority' })
setDefaultCACertificates([...getCACertificates(), authority.cert])
const certificate = await issue({ name, by: authority })

/** An upstream with TLS, how many requests each of its connections has carried, and those that have said nothing. */
async function start(t: Test) {
  const carried = new Map<number, number>()
  const silent = new Set<Socket>()
  const open = new Set<Socket>()
  const server = createServer(certificate, (request, response) => {
    const port = request.socket.remotePort ?? 0
    carried.set(port, (carried.get(port) ?? 0) + 1)
    request.resume().once('end', () => json(response, 200, {}))
  })
  server.on('tlsClientError', () => undefined)
  server.on('connection', (socket: Socket) => {
    silent.add(socket)
    open.add(socket)
    socket.once('close', () => {
      silent.delete(socket)
      open.delete(socket)
    })
  })
  const said = (port: number | undefined): void => {
    for (const socket of silent) if (socket.remotePort === port) silent.delete(socket)
  }
  server.on('secureConnection', (socket) => said(socket.remotePort))
  const { port, connections } = await listen(t, server)
  const transport = createTransport(
    { baseUrl: `https://${name}:${port}/v1`, apiKey: 'secret-key', ...times },
    { remoteMedia: fakeRemote(), resolver: fakeResolver({ [name]: [['127.0.0.1']] }) },
  )
  t.teardown(() => transport.close())
  const send = async (): Promise<void> =>
    void t.match(await transport.send(create, longMs), { type: 'answer' })
  /** Sends creates in a row until a connection waits for the next one. */
  const untilSpare = async (): Promise<void> => {
    while (silent.size === 0) {
      await send()
      await new Promise((resolve) => setTimeout(resolve, 10))
    }
  }
  return { transport, send, untilSpare, carried, silent, open, connections }
}

async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await new Promise((resolve) => setTimeout(resolve, 5))
}

t.test('creates in a row take connections opened ahead, each for one request', async (t) => {
  const { send, untilSpare, carried, silent, connections } = await start(t)
  await send()
  t.equal(connections(), 1, 'one alone has none ahead')
  await untilSpare()
  const before = carried.size
  for (let count = 0; count < 20; count++) await send()
  await Promise.all(Array.from({ length: 20 }, send))
  t.equal(carried.size - before, 40)
  t.same(new Set(carried.values()), new Set([1]))
  t.ok(silent.size <= 4, 'at most four wait')
})

t.test('spares are closed when no create follows, and when the transport is closed', async (t) => {
  const { transport, untilSpare, open } = await start(t)
  await untilSpare()
  await until(() => open.size === 0)
  await untilSpare()
  await transport.close()
  await until(() => open.size === 0)
})

for (const how of ['destroy', 'resetAndDestroy', 'end', 'write'] as const) {
  t.test(`an upstream that ends silent connections at once (${how}) gets each create once`, async (t) => {
    const { send, untilSpare, carried, silent } = await start(t)
    for (let count = 0; count < 30; count++) {
      await untilSpare()
      const before = carried.size
      // Not yet seen here: the create takes such a connection.
      for (const socket of silent) {
        if (how === 'write') socket.write('220 speak\r\n')
        else socket[how]()
        silent.delete(socket)
      }
      await send()
      t.equal(carried.size - before, 1)
    }
    t.same(new Set(carried.values()), new Set([1]))
  })
}

t.test('an upstream that has gone away is dialled by creates alone, and they were not sent', async (t) => {
  const server = createServer(certificate, (_request, response) => json(response, 200, {}))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  let asked = 0
  const names = fakeResolver({ [name]: [['127.0.0.1']] })
  const resolver = { ...names, resolve: (host: string) => ((asked += 1), names.resolve(host)) }
  const transport = createTransport(
    { baseUrl: `https://${name}:${port}/v1`, apiKey: 'secret-key', ...times },
    { remoteMedia: fakeRemote(), resolver },
  )
  t.teardown(() => transport.close())
  for (let count = 0; count < 3; count++) await transport.send(create, longMs)
  server.closeAllConnections()
  server.close()
  await once(server, 'close')
  await transport.send(create, longMs)
  const before = asked
  for (let count = 0; count < 5; count++)
    t.match(await transport.send(create, longMs), { type: 'not_sent', reason: /refused|connect_failed/ })
  t.equal(asked - before, 5)
})

t.test('without TLS nothing would show that a spare is alive, so there are none', async (t) => {
  const server = await startHttp(t, (_request, response) => json(response, 200, {}))
  const transport = createTransport(
    { baseUrl: server.baseUrl, apiKey: 'secret-key', ...times },
    { remoteMedia: fakeRemote(), resolver: fakeResolver({}) },
  )
  t.teardown(() => transport.close())
  for (let count = 0; count < 5; count++) t.match(await transport.send(create, longMs), { type: 'answer' })
  t.equal(server.connections(), 5)
})
