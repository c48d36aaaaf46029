import { createHash, randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { readdirSync, readlinkSync, writeFileSync } from 'node:fs'
import { createServer, get } from 'node:http'
import type { IncomingMessage } from 'node:http'
import { buffer } from 'node:stream/consumers'
import t from 'tap'
import type { Test } from 'tap'
import { FileBytes } from '../../src/gateway/media/archive/file-bytes.ts'
import { createReadBuffers } from '../../src/gateway/media/archive/read-buffers.ts'
import type { ByteRange } from '../../src/gateway/ports/media/media-archive.ts'

/** More than the kernel takes of a caller who does not read. */
const content = randomBytes(24 * 1024 * 1024 + 12_345)
const digestOf = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex')

function aFile(t: Test): string {
  const path = `${t.testdir()}/video`
  writeFileSync(path, content)
  return path
}

const openHandles = (path: string): number =>
  readdirSync('/proc/self/fd').filter((fd) => {
    try {
      return readlinkSync(`/proc/self/fd/${fd}`) === path
    } catch {
      return false
    }
  }).length

/** A server that answers each request with these bytes. */
async function serve(t: Test, path: string, range: ByteRange | null = null, buffers = createReadBuffers()) {
  const server = createServer((_request, answer) => {
    const bytes = new FileBytes(path, range, buffers)
    bytes.on('error', () => answer.destroy())
    answer.once('close', () => bytes.destroy())
    bytes.pipe(answer)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => {
    server.closeAllConnections()
    server.close()
  })
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('no port')
  return async (): Promise<IncomingMessage> => {
    const [answer] = await once(get({ port: address.port, host: '127.0.0.1' }), 'response')
    return answer
  }
}

async function closed(path: string): Promise<boolean> {
  for (let tries = 0; tries < 500 && openHandles(path) > 0; tries++)
    await new Promise((resolve) => setTimeout(resolve, 10))
  return openHandles(path) === 0
}

t.test('callers who read at different speeds each get every byte in order', async (t) => {
  const path = aFile(t)
  const ask = await serve(t, path)
  const answers = await Promise.all(Array.from({ length: 12 }, ask))
  const digests = await Promise.all(
    answers.map(async (answer, place) => {
      const hash = createHash('sha256')
      let pieces = 0
      for await (const piece of answer) {
        hash.update(piece)
        if (place % 3 === 0 && ++pieces % 40 === 0) await new Promise((resolve) => setImmediate(resolve))
      }
      return hash.digest('hex')
    }),
  )
  t.same(new Set(digests), new Set([digestOf(content)]))
  t.ok(await closed(path))
})

t.test('a range is these bytes and no other', async (t) => {
  const path = aFile(t)
  for (const range of [
    { start: 0, end: 0 },
    { start: 131_071, end: 262_144 },
    { start: content.length - 7, end: content.length - 1 },
  ]) {
    const answer = await (await serve(t, path, range))()
    t.ok((await buffer(answer)).equals(content.subarray(range.start, range.end + 1)))
    const read = await buffer(new FileBytes(path, range))
    t.ok(read.equals(content.subarray(range.start, range.end + 1)), 'also for who is no HTTP answer')
  }
  t.ok(await closed(path))
})

t.test('who reads it otherwise may keep what came', async (t) => {
  const pieces: Buffer[] = []
  for await (const piece of new FileBytes(aFile(t), null)) pieces.push(piece)
  t.ok(Buffer.concat(pieces).equals(content))
})

t.test('a caller who leaves in the midst leaves no file open', async (t) => {
  const path = aFile(t)
  const ask = await serve(t, path)
  const answers = await Promise.all(Array.from({ length: 8 }, ask))
  for (const answer of answers) {
    await once(answer, 'readable')
    answer.destroy()
  }
  t.ok(await closed(path))
})

t.test('callers who do not read hold a part of the memory, and others are served beside them', async (t) => {
  const path = aFile(t)
  const bounds = { most: 1024 * 1024, largest: 512 * 1024, smallest: 16 * 1024 }
  const buffers = createReadBuffers(bounds)
  const ask = await serve(t, path, null, buffers)
  const slow = await Promise.all(Array.from({ length: 24 }, ask))
  const digest = createHash('sha256')
  for await (const piece of await ask()) {
    digest.update(piece)
    if (buffers.held() > bounds.most + 25 * bounds.smallest)
      throw new Error(`${buffers.held()} bytes are held`)
  }
  t.equal(digest.digest('hex'), digestOf(content))
  for (const answer of slow) answer.destroy()
  t.ok(await closed(path))
  t.equal(buffers.held(), 0)
})

t.test('a file that is not there is an error, and no answer', async (t) => {
  const missing = new FileBytes(`${t.testdir()}/none`, null)
  await t.rejects(buffer(missing), { code: 'ENOENT' })
  const ask = await serve(t, `${t.testdir()}/none`)
  await t.rejects(ask(), { code: 'ECONNRESET' })
})
