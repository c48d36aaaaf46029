import { createHash } from 'node:crypto'
import { readFile, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import t from 'tap'
import { keys } from '../e2e/gateway.ts'
import { aPicture } from '../fixtures/pictures.ts'
import { answersOf, open, percentile, probe, startRealGateway } from './real-gateway.ts'
import type { RealGateway } from './real-gateway.ts'

const connections = 60

/** Sends the same request on every connection at once; what was answered, and what it cost. */
async function flood(gateway: RealGateway, type: string, body: Buffer) {
  const head = `POST /v1/videos HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${keys.studio}\r\ncontent-type: ${type}\r\ncontent-length: ${body.length}\r\nconnection: close\r\n\r\n`
  const bytes = Buffer.concat([Buffer.from(head), body])
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
  const sockets = await Promise.all(Array.from({ length: connections }, () => open(gateway.port)))
  const answers = await Promise.all(
    sockets.map((socket) => {
      socket.write(bytes)
      return answersOf(socket)
    }),
  )
  stopped.abort()
  await watching
  const times = await health.stop()
  return {
    answers,
    grownMB: Math.round(most - before),
    p99: Math.round(percentile(times, 0.99)),
    times: times.length,
  }
}

async function digests({ directory }: RealGateway): Promise<Set<string>> {
  const entries = await readdir(join(directory, 'media'), { recursive: true, withFileTypes: true })
  const found = new Set<string>()
  for (const { parentPath, name } of entries.filter((entry) => entry.isFile()))
    found.add(
      createHash('sha256')
        .update(await readFile(join(parentPath, name)))
        .digest('hex'),
    )
  return found
}

const picture = aPicture(15_600_000)
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
      t.equal(
        served.length,
        connections,
        answers.find((answer) => !answer.startsWith('HTTP/1.1 200 '))?.slice(0, 500),
      )
      t.same(
        [...(await digests(gateway))],
        [createHash('sha256').update(picture).digest('hex')],
        'byte for byte',
      )
      t.ok(figures.grownMB < 100, `${figures.grownMB} MB more`)
      t.ok(figures.p99 < 250, `the health answers within ${figures.p99} ms at p99`)
    },
  )
