import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import type { Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import t from 'tap'
import { request } from 'undici'
import { systemDisk } from '../../src/gateway/media/disk.ts'
import { pacedBody } from '../../src/gateway/upstreams/transport/bodies/paced-body.ts'
import { receive } from '../../src/gateway/media/archive/receive.ts'

const head = 'HTTP/1.1 200 OK\r\ncontent-type: video/mp4\r\ncontent-length: 100000000\r\n\r\n'

t.test('a download whose file cannot be opened lets go of its connection', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'understudy-receive-'))
  const sockets: Socket[] = []
  const server = createServer((socket) => {
    sockets.push(socket)
    socket.on('error', () => undefined)
    socket.once('data', () => socket.write(head + 'x'.repeat(65_536)))
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(async () => {
    for (const socket of sockets) socket.destroy()
    server.close()
    await rm(folder, { recursive: true })
  })
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('The vendor has no port.')
  const { body } = await request(`http://127.0.0.1:${address.port}/video`)
  const rules = {
    maxBytes: 2 ** 30,
    expectedBytes: null,
    accept: ['video'] as const,
    signal: AbortSignal.timeout(30_000),
  }
  const paced = pacedBody(body, { idleMs: 30_000, leastRate: { bytesPerSecond: 1, windowMs: 30_000 } })
  await t.rejects(receive(systemDisk, join(folder, 'gone', 'file'), paced, rules), { code: 'ENOENT' })
  const [socket] = sockets
  const closed =
    socket === undefined ? Promise.resolve('no connection') : once(socket, 'close').then(() => 'closed')
  t.equal(await Promise.race([closed, pause(5000, 'open')]), 'closed')
})
