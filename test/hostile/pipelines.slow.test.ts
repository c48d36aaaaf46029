import { setTimeout as pause } from 'node:timers/promises'
import type { Socket } from 'node:net'
import t from 'tap'
import type { Test } from 'tap'
import { keys } from '../e2e/gateway.ts'
import { probeHealth } from './health-probe.ts'
import { isQuiet, open, startRealGateway } from './real-gateway.ts'
import type { RealGateway } from './real-gateway.ts'

const asset = 'GET /docs/static/swagger-ui-bundle.js HTTP/1.1\r\nhost: x\r\n\r\n'

/** Sends without ever reading, for so long; what is not taken stays on the way. */
async function flood(gateway: RealGateway, connections: number, text: string, ms: number) {
  const sockets: Socket[] = []
  for (let at = 0; at < connections; at++) {
    const socket = await open(gateway.port)
    socket.pause()
    socket.write(text)
    sockets.push(socket)
  }
  let descriptors = 0
  let memory = 0
  for (let passed = 0; passed < ms; passed += 100) {
    await pause(100)
    descriptors = Math.max(descriptors, gateway.descriptors())
    memory = Math.max(memory, gateway.memory())
  }
  for (const socket of sockets) socket.resetAndDestroy()
  return { descriptors, memory }
}

async function standsFlood(t: Test, limit?: number): Promise<void> {
  const gateway = await startRealGateway(t, limit)
  const before = gateway.memory()
  const health = probeHealth(gateway)
  const { descriptors, memory } = await flood(gateway, 5, asset.repeat(5000), 4000)
  const figures = { descriptors, grownMB: memory - before, ...(await health.stop()) }
  t.comment(JSON.stringify(figures))
  t.ok(descriptors < 500, `${descriptors} descriptors`)
  t.ok(figures.grownMB < 150, `${figures.grownMB} MB more`)
  t.ok(figures.p99 < figures.limit, `health p99 ${figures.p99} ms of ${figures.asked}`)
  t.ok(await isQuiet(gateway), 'no connection is left')
}

t.test('25,000 pipelined requests that nobody reads cost neither descriptors nor memory', async (t) =>
  standsFlood(t),
)

t.test('the same with 1,024 descriptors', async (t) => standsFlood(t, 1024))

t.test('20,000 pipelined long polls of one key hold nobody up', async (t) => {
  const gateway = await startRealGateway(t)
  gateway.simulator.control.setFaults('reseller', [{ kind: 'slow', delayMs: 20_000, on: ['create'] }])
  const headers = { authorization: `Bearer ${keys.studio}`, 'content-type': 'application/json' }
  const made: any = await (
    await fetch(`${gateway.address}/generate`, { method: 'POST', headers, body: '{"prompt":"a boat"}' })
  ).json()
  const poll = `GET /generations/${made.id}?wait=30 HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${keys.studio}\r\n\r\n`
  const before = gateway.memory()
  const health = probeHealth(gateway)
  const { memory } = await flood(gateway, 20, poll.repeat(1000), 4000)
  const { p99, max, limit } = await health.stop()
  t.comment(JSON.stringify({ grownMB: memory - before, p99, max, limit }))
  t.ok(p99 < limit)
  t.ok(max < Math.max(2000, 2 * limit), 'and it is never frozen')
})

t.test('more idle connections than there are descriptors end no process', async (t) => {
  const gateway = await startRealGateway(t, 1024)
  const sockets: Socket[] = []
  for (let at = 0; at < 1500; at++) sockets.push(await open(gateway.port))
  await pause(1500)
  t.ok(gateway.descriptors() < 1024 - 200, `${gateway.descriptors()} descriptors: some are kept back`)
  t.equal(gateway.child.exitCode, null)
  for (const socket of sockets) socket.destroy()
  t.ok(await isQuiet(gateway))
  const headers = { authorization: `Bearer ${keys.studio}`, 'content-type': 'application/json' }
  const answer = await fetch(`${gateway.address}/generate`, {
    method: 'POST',
    headers,
    body: '{"prompt":"a"}',
  })
  t.equal(answer.status, 202)
})
