import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { readdir, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import t from 'tap'
import type { Test } from 'tap'
import * as z from 'zod'
import { createS3Archive } from '../../src/gateway/media/s3/s3-archive.ts'
import { startSimulator } from '../../src/simulator/simulator.ts'
import { startProcess } from '../e2e/gateway-process.ts'
import { configText, keys as studioKeys, official } from '../e2e/gateway.ts'
import { createTestStorage } from '../e2e/test-storage.ts'
import { skipWithout } from '../observe/programs.ts'
import { startFaultProxy } from '../s3/fault-proxy.ts'
import { keys, startS3Proxy } from '../s3/s3proxy.ts'

const skip = skipWithout('java', 'mvn')
/** Larger than what is sent as a whole: three parts. */
const paddingBytes = 20 * 1024 * 1024
const headers = { authorization: `Bearer ${studioKeys.studio}`, 'content-type': 'application/json' }
const accepted = z.object({ id: z.string() })
const shown = z.object({
  status: z.string(),
  cost_usd: z.number(),
  video: z.object({ sha256: z.string(), bytes: z.number() }).nullable(),
})

t.setTimeout(240_000)

t.test(
  'a process that is killed in the midst of a part archives the video after its start',
  { skip },
  async (t) => {
    const server = await startS3Proxy()
    t.teardown(() => server.stop())
    const proxy = await startFaultProxy(server.endpoint)
    t.teardown(() => proxy.close())
    const place = await server.bucket('killed', proxy.url)
    const upstreams = [{ ...official, render: { milliseconds: 100 } }]
    const simulator = await startSimulator({ upstreams })
    t.teardown(() => simulator.close())
    const directory = t.testdir()
    await createTestStorage(t, directory)
    const file = join(directory, 'config.yaml')
    const buffer = join(directory, 'buffer')
    const text = configText(simulator, upstreams, directory, {
      settings: { official: { poll: { first_after_seconds: 0.2, every_seconds: 0.2 } } },
      media: {
        url: `s3://${place.bucket}/understudy`,
        endpoint: proxy.url,
        access_key: keys.accessKey,
        secret_key: keys.secretKey,
        buffer_directory: buffer,
      },
    })
    await writeFile(file, text.replaceAll(simulator.origin, await startPadding(t, simulator.origin)))
    let { child, address } = await startProcess(file)
    t.teardown(() => child.kill('SIGKILL'))
    const ended = once(child, 'exit')
    let isKilled = false
    proxy.fault(({ query }) => {
      if (isKilled || query.get('partNumber') !== '2') return null
      isKilled = true
      // By then some of its bytes are with the server.
      setTimeout(() => child.kill('SIGKILL'), 150)
      return { type: 'drip', msPerKb: 1 }
    })
    const id = await order(address)
    t.same(await ended, [null, 'SIGKILL'])
    t.ok(isKilled)

    ;({ child, address } = await startProcess(file))
    const { video, cost_usd: cost } = await completed(address, id)
    const answer = await fetch(`${address}/generations/${id}/video`, { headers })
    const bytes = Buffer.from(await answer.arrayBuffer())
    t.ok(bytes.length > paddingBytes)
    t.match(video, { bytes: bytes.length, sha256: createHash('sha256').update(bytes).digest('hex') })
    t.equal(cost, 0.8)
    t.equal(simulator.control.requests()['official']?.create, 1, 'rendered once')
    t.same(await readdir(join(buffer, 'tmp')), [], 'nothing is left in the buffer')

    const own = join(directory, 'own-buffer')
    const options = { place, keys, prefix: 'understudy', buffer: own, bufferBytes: 1 }
    const archive = await createS3Archive(options)
    t.teardown(() => archive.close())
    t.equal(await archive.listing.abandonUploads(Date.now() + 3600_000), 1, 'the upload that was begun')
    t.equal(await archive.listing.abandonUploads(Date.now() + 3600_000), 0)
    t.equal((await fetch(`${address}/generations/${id}/video`, { method: 'HEAD', headers })).status, 200)
  },
)

/** Asks again while the gateway is overloaded by other processes on this machine. */
async function order(address: string): Promise<string> {
  const body = JSON.stringify({ prompt: 'a paper boat', duration: 8, routing: { upstreams: ['official'] } })
  for (let tries = 1; ; tries++) {
    const answer = await fetch(`${address}/generate`, { method: 'POST', headers, body })
    if (answer.status === 202) return accepted.parse(await answer.json()).id
    if (answer.status !== 503 || tries === 100) throw new Error(await answer.text())
    await answer.arrayBuffer()
    await pause(100)
  }
}

async function completed(address: string, id: string) {
  for (;;) {
    const answer = await fetch(`${address}/generations/${id}?wait=10`, { headers })
    const generation = shown.parse(await answer.json())
    if (generation.status === 'completed') return generation
    if (generation.status === 'failed') throw new Error(JSON.stringify(generation))
    await pause(50)
  }
}

/** Passes requests on to the vendors, whose videos get a `free` box (ISO/IEC 14496-12, 8.1.2) at their end. Its address. */
async function startPadding(t: Test, origin: string): Promise<string> {
  const box = Buffer.alloc(paddingBytes)
  box.writeUInt32BE(paddingBytes, 0)
  box.write('free', 4, 'latin1')
  const server = createServer((asked, answer) => {
    const pass = async (): Promise<void> => {
      const body = Buffer.concat(await Array.fromAsync(asked, (chunk: Buffer) => chunk))
      const told = await fetch(`${origin}${asked.url}`, {
        method: asked.method ?? 'GET',
        headers: {
          authorization: asked.headers.authorization ?? '',
          'content-type': asked.headers['content-type'] ?? 'application/json',
        },
        ...(body.length > 0 && { body }),
      })
      const contentType = told.headers.get('content-type') ?? 'application/json'
      const parts = [Buffer.from(await told.arrayBuffer()), ...(contentType === 'video/mp4' ? [box] : [])]
      answer.writeHead(told.status, {
        'content-type': contentType,
        'content-length': parts.reduce((sum, part) => sum + part.length, 0),
      })
      for (const part of parts) answer.write(part)
      answer.end()
    }
    pass().catch(() => answer.destroy())
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => {
    server.close()
    server.closeAllConnections()
  })
  const found = server.address()
  if (found === null || typeof found === 'string') throw new Error('no port')
  return `http://127.0.0.1:${found.port}`
}
