import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { createReadStream } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { Worker } from 'node:worker_threads'
import t from 'tap'
import { z } from 'zod'
import { keys } from '../e2e/gateway.ts'
import { aPicture } from '../fixtures/pictures.ts'
import { probeHealth } from './health-probe.ts'
import { startRealGateway } from './real-gateway.ts'
import type { RealGateway } from './real-gateway.ts'

const thread = new URL('flood-thread.ts', import.meta.url)
const connections = 60
/** Bodies held as text would use 1,260 MB. The limit is for garbage that V8 has not collected yet. */
const mostMB = 500

/** Sends the same request on every connection at once; what was answered, and what it cost. */
async function flood(gateway: RealGateway, type: string, body: Buffer) {
  const head = `POST /v1/videos HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${keys.studio}\r\ncontent-type: ${type}\r\ncontent-length: ${body.length}\r\nconnection: close\r\n\r\n`
  const request = Buffer.concat([Buffer.from(head), body])
  const before = gateway.memory()
  let most = 0
  const stopped = new AbortController()
  const watching = (async () => {
    while (!stopped.signal.aborted) {
      most = Math.max(most, gateway.memory())
      await pause(20)
    }
  })()
  const health = probeHealth(gateway)
  const { port } = gateway
  const sending = new Worker(thread, { workerData: { port, connections, request } })
  const [message]: unknown[] = await once(sending, 'message')
  stopped.abort()
  await watching
  return {
    answers: z.array(z.string()).parse(message),
    grownMB: Math.round(most - before),
    ...(await health.stop()),
  }
}

/**
 * Digests of the files of the archive; videos that were made meanwhile are among them. Those under `tmp` are not: they are
 * still being written, and are gone from there when they are whole.
 */
async function digests({ directory }: RealGateway): Promise<string[]> {
  const media = join(directory, 'media')
  const entries = await readdir(media, { recursive: true, withFileTypes: true })
  const files = entries
    .filter((entry) => entry.isFile() && entry.parentPath !== join(media, 'tmp'))
    .map(({ parentPath, name }) => join(parentPath, name))
  return Promise.all(
    files.map(async (file) => {
      const hash = createHash('sha256')
      for await (const chunk of createReadStream(file)) hash.update(chunk)
      return hash.digest('hex')
    }),
  )
}

const picture = aPicture(15_600_000)
const digest = createHash('sha256').update(picture).digest('hex')
const url = `data:image/png;base64,${picture.toString('base64')}`

for (const [what, type, body] of [
  ['JSON', 'application/json', JSON.stringify({ prompt: 'a boat', input_reference: { image_url: url } })],
  [
    'a form',
    'multipart/form-data; boundary=x',
    `--x\r\ncontent-disposition: form-data; name="prompt"\r\n\r\na boat\r\n--x\r\ncontent-disposition: form-data; name="input_reference[image_url]"\r\n\r\n${url}\r\n--x--\r\n`,
  ],
] as const)
  t.test(
    `60 connections with data URLs of 21 MB in ${what} are all served, and hold next to no memory`,
    async (t) => {
      const gateway = await startRealGateway(t)
      const { answers, ...figures } = await flood(gateway, type, Buffer.from(body))
      t.comment(JSON.stringify(figures))
      const served = answers.filter((answer) => answer.startsWith('HTTP/1.1 200 '))
      const refused = answers.find((answer) => !answer.startsWith('HTTP/1.1 200 '))
      t.equal(served.length, connections, `one was told: ${refused?.slice(0, 300)}`)
      const same = (await digests(gateway)).filter((each) => each === digest)
      t.equal(same.length, connections, 'every file is there, byte for byte')
      t.ok(figures.grownMB < mostMB, `${figures.grownMB} MB more`)
      t.ok(figures.p99 < figures.limit, `its health is told within ${figures.p99} ms at p99`)
    },
  )
