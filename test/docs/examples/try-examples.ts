import { createHmac } from 'node:crypto'
import { once } from 'node:events'
import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises'
import { createServer } from 'node:http'
import { join } from 'node:path'
import { z } from 'zod'
import { startTrialGateway } from '../../../openapi/clients/gateway.ts'
import type { TrialGateway } from '../../../openapi/clients/gateway.ts'
import { receivedText } from '../../fixtures/received-text.ts'
import { root } from '../files.ts'
import { examplesOf, folderOf, hasLanguage, prepare } from './programs.ts'
import type { Example } from './programs.ts'

export interface Tried {
  example: Example
  /** Null: it did what its page says. */
  fault: string | null
  skipped: boolean
}

/** A message as it came to a receiver, with the secret that it is signed with. */
interface Message {
  secret: string
  id: string
  timestamp: string
  signature: string
  body: string
}

const made = z.object({ secret: z.string() })

async function post(gateway: TrialGateway, path: string, body: object): Promise<unknown> {
  const response = await fetch(`${gateway.address}${path}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${gateway.key}`, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  })
  if (!response.ok) throw new Error(`${path}: ${await response.text()}`)
  return response.json()
}

/** The first message that the gateway sends for a generation. */
async function receiveMessage(gateway: TrialGateway): Promise<Message> {
  const { secret } = made.parse(await post(gateway, '/webhook-secrets', { keep_others_seconds: 0 }))
  const { promise, resolve, reject } = Promise.withResolvers<Message>()
  const late = setTimeout(() => reject(new Error('No message has come in a minute.')), 60_000)
  const server = createServer((request, response) => {
    void (async () => {
      const header = (name: string): string => String(request.headers[`webhook-${name}`])
      const body = (await receivedText(request)) ?? ''
      response.writeHead(204).end()
      resolve({
        secret,
        id: header('id'),
        timestamp: header('timestamp'),
        signature: header('signature'),
        body,
      })
    })()
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  try {
    const address = z.object({ port: z.number() }).parse(server.address())
    await post(gateway, '/generate', {
      prompt: 'A mill by a river',
      duration: 10,
      webhook_url: `http://127.0.0.1:${address.port}/`,
    })
    return await promise
  } finally {
    clearTimeout(late)
    server.closeAllConnections()
    server.close()
  }
}

function signed({ secret, id, body }: Message, timestamp: string): string {
  const key = Buffer.from(secret.replace('whsec_', ''), 'base64')
  return `v1,${createHmac('sha256', key).update(`${id}.${timestamp}.${body}`).digest('base64')}`
}

/** What each verifier is given, and whether it may believe it. */
function casesOf(real: Message): Array<{ what: string; message: Message; genuine: boolean }> {
  const old = String(Number(real.timestamp) - 301)
  const early = String(Number(real.timestamp) + 600)
  const other = { ...real, secret: `whsec_${Buffer.alloc(32, 1).toString('base64')}` }
  const tampered = real.body.replace('completed', 'cancelled')
  return [
    { what: 'a real message', message: real, genuine: true },
    {
      what: 'one of two signatures',
      message: { ...real, signature: `${signed(other, real.timestamp)} ${real.signature}` },
      genuine: true,
    },
    { what: 'a tampered body', message: { ...real, body: tampered }, genuine: false },
    {
      what: 'an old message',
      message: { ...real, timestamp: old, signature: signed(real, old) },
      genuine: false,
    },
    {
      what: 'a message from the future',
      message: { ...real, timestamp: early, signature: signed(real, early) },
      genuine: false,
    },
    { what: 'another secret', message: other, genuine: false },
    { what: 'no signature', message: { ...real, signature: '' }, genuine: false },
  ]
}

async function tryVerifier(example: Example, folder: string, gateway: TrialGateway): Promise<string | null> {
  const program = await prepare(example, folder)
  // A message of its own, after the compiler: it is genuine for five minutes.
  for (const { what, message, genuine } of casesOf(await receiveMessage(gateway))) {
    const { secret, id, timestamp, signature, body } = message
    const env = {
      WEBHOOK_SECRET: secret,
      WEBHOOK_ID: id,
      WEBHOOK_TIMESTAMP: timestamp,
      WEBHOOK_SIGNATURE: signature,
    }
    const { code, output } = await program({ env, stdin: body })
    if ((code === 0) !== genuine) return `${what} ends it with ${code}: ${output}`
  }
  return null
}

async function tryFirstVideo(
  example: Example,
  folder: string,
  gateway: TrialGateway,
): Promise<string | null> {
  const program = await prepare(example, folder)
  const env = { UNDERSTUDY_URL: gateway.address, UNDERSTUDY_API_KEY: gateway.key }
  const { code, output } = await program({ env })
  if (code !== 0) return `it ends with ${code}: ${output}`
  const video = await readFile(join(folderOf(example, folder), 'boat.mp4'))
  if (video.toString('latin1', 4, 8) !== 'ftyp') return 'what it has downloaded is no MP4'
  const refused = await program({ env: { ...env, UNDERSTUDY_API_KEY: 'und_nobody' } })
  return refused.code === 0 ? 'it ends with 0 where its key is wrong' : null
}

export const firstVideos = examplesOf('docs/EXAMPLES.md')
export const verifiers = examplesOf('docs/WEBHOOKS.md')

/** Runs every program of the documentation against a gateway with simulated upstreams; `done` is told of each. */
export async function tryExamples(done: (tried: Tried) => void): Promise<void> {
  await using gateway = await startTrialGateway()
  const out = join(root, 'openapi/clients/out')
  await mkdir(out, { recursive: true })
  // Inside of the repository, so that what a program imports is found.
  const folder = await mkdtemp(join(out, 'examples-'))
  async function attempt(example: Example, tryIt: () => Promise<string | null>): Promise<void> {
    if (!(await hasLanguage(example))) return done({ example, fault: null, skipped: true })
    try {
      done({ example, fault: await tryIt(), skipped: false })
    } catch (error) {
      done({ example, fault: error instanceof Error ? error.message : String(error), skipped: false })
    }
  }
  try {
    for (const each of firstVideos) await attempt(each, () => tryFirstVideo(each, folder, gateway))
    for (const each of verifiers) await attempt(each, () => tryVerifier(each, folder, gateway))
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}
