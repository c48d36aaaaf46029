import { setTimeout as pause } from 'node:timers/promises'
import t from 'tap'
import { keys } from '../e2e/gateway.ts'
import { answersOf, open, percentile, probe, startRealGateway } from './real-gateway.ts'

t.test('60 connections with 21 MB of JSON each hold a bounded amount of memory', async (t) => {
  const gateway = await startRealGateway(t)
  const url = `data:image/png;base64,${'A'.repeat(20_900_000)}`
  const body = JSON.stringify({ prompt: 'a boat', input_reference: { image_url: url } })
  const head = `POST /v1/videos HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${keys.studio}\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\nconnection: close\r\n\r\n`
  const bytes = Buffer.from(head + body)
  const before = gateway.memory()
  let most = 0
  const stopped = new AbortController()
  const watching = (async () => {
    while (!stopped.signal.aborted) {
      most = Math.max(most, gateway.memory())
      await pause(20)
    }
  })()
  const health = probe(gateway.address)
  const sockets = await Promise.all(Array.from({ length: 60 }, () => open(gateway.port)))
  const answers = await Promise.all(
    sockets.map((socket) => {
      socket.write(bytes)
      return answersOf(socket)
    }),
  )
  stopped.abort()
  await watching
  const times = await health.stop()
  const statuses = answers.map((answer) => Number(answer.split(' ')[1]))
  const refused = answers.filter((answer) => answer.startsWith('HTTP/1.1 429 '))
  const figures = { grownMB: most - before, refused: refused.length, p99: percentile(times, 0.99) }
  t.comment(JSON.stringify(figures))
  t.ok(refused.length >= 20, 'most wait for another time')
  t.ok(refused.every((answer) => /retry-after: \d+/i.test(answer)))
  t.ok(statuses.includes(400) || statuses.includes(422), 'some were read, and are no picture')
  t.ok(figures.grownMB < 700, `${Math.round(figures.grownMB)} MB more`)
})
