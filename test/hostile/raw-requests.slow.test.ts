import { setTimeout as pause } from 'node:timers/promises'
import * as fc from 'fast-check'
import t from 'tap'
import { isAlive, isQuiet, open, startRealGateway } from './real-gateway.ts'

const method = fc.constantFrom(
  'GET',
  'POST',
  'HEAD',
  'PUT',
  'DELETE',
  'OPTIONS',
  'TRACE',
  'CONNECT',
  'PRI',
  'get',
)
const target = fc.constantFrom(
  '/',
  '*',
  '/docs',
  '/docs/static/swagger-ui.css',
  '/docs/static/../x',
  '/openapi.json',
  '/health/ready',
  '/generate',
  '/generations/gen_01kasp3v5tq8c9d4wz7m2n6xhr/events',
  '/v1/videos',
  '/sheets/a.b.c/scores',
  '/webhooks/reseller',
  '/media/x',
  '/%c0%ae',
  'evil.example:443',
  'http://evil.example/',
)
const version = fc.constantFrom('HTTP/1.1', 'HTTP/1.1', 'HTTP/1.1', 'HTTP/1.0', 'HTTP/2.0', 'HTTP/0.9', '')
const header = fc.constantFrom(
  'host: x',
  'host: x',
  'host: y',
  'content-length: 5',
  'content-length: 5000000',
  'content-length: -1',
  'transfer-encoding: chunked',
  'transfer-encoding: gzip, chunked',
  'expect: 100-continue',
  'expect: miracles',
  'connection: close',
  'connection: upgrade',
  'upgrade: websocket',
  'upgrade: h2c',
  'content-type: application/json',
  'content-type: multipart/form-data; boundary=b',
  'authorization: Bearer nobody',
  'range: bytes=0-1',
  'x: \0',
  ' folded',
)
const body = fc.constantFrom(
  '',
  'hello',
  '{"prompt":"a"}',
  '5\r\nhello\r\n0\r\n\r\n',
  'zz\r\n',
  '--b\r\ncontent-disposition: form-data; name="reference"; filename="a"\r\n\r\nx',
  'GET /health/live HTTP/1.1\r\nhost: x\r\n\r\n',
  'x'.repeat(70_000),
)
const shape = fc
  .tuple(method, target, version, fc.array(header, { maxLength: 4 }), body)
  .map(([verb, path, spoken, headers, rest]) =>
    [`${verb} ${path} ${spoken}`, ...headers, '', rest].join('\r\n'),
  )
const sent = fc.record({
  text: fc.array(shape, { minLength: 1, maxLength: 3 }).map((shapes) => shapes.join('')),
  /** What part of it is sent at all, and after what part it waits. */
  part: fc.constantFrom(0, 0.1, 0.5, 0.9, 1, 1, 1),
  pauseAt: fc.constantFrom(0, 0.3, 1),
  pauseMs: fc.constantFrom(0, 0, 1, 5),
  end: fc.constantFrom('reset', 'reset', 'reset unread', 'finish', 'close'),
})

t.test(
  '5,000 raw requests of any shape, reset anywhere: the same process, and no connection is left',
  async (t) => {
    const gateway = await startRealGateway(t)
    const { pid } = gateway.child
    const runs = fc.sample(sent, { numRuns: 5000, seed: 20261127 })
    const queue = runs.values()
    const before = gateway.memory()
    await Promise.all(
      Array.from({ length: 25 }, async () => {
        for (const { text, part, pauseAt, pauseMs, end } of queue) {
          const socket = await open(gateway.port)
          if (end === 'reset unread') socket.pause()
          else socket.resume()
          const bytes = text.slice(0, Math.ceil(text.length * part))
          const at = Math.floor(bytes.length * pauseAt)
          socket.write(bytes.slice(0, at))
          if (pauseMs > 0) await pause(pauseMs)
          if (end === 'finish') socket.end(bytes.slice(at))
          else socket.write(bytes.slice(at))
          if (end.startsWith('reset')) socket.resetAndDestroy()
          else if (end === 'close') socket.destroy()
          else setTimeout(() => socket.destroy(), 200)
        }
      }),
    )
    t.ok(await isQuiet(gateway), `${gateway.connections()} connections are left`)
    t.ok(await isAlive(gateway.address))
    t.equal(gateway.child.exitCode ?? gateway.child.signalCode, null)
    t.equal(gateway.child.pid, pid)
    t.comment(JSON.stringify({ grownMB: gateway.memory() - before, descriptors: gateway.descriptors() }))
    t.ok(gateway.descriptors() < 100)
  },
)
