import { once } from 'node:events'
import { createServer } from 'node:http'
import type { IncomingMessage } from 'node:http'
import { json } from 'node:stream/consumers'
import { setTimeout as pause } from 'node:timers/promises'
import { Pool } from 'undici'
import { z } from 'zod'
import { startChild } from '../child.ts'
import { headers } from '../load.ts'
import { cpuMicrosOf, onServerCore } from '../serving/cores.ts'
import type { Rate } from './backlog.ts'

const Told = z.object({ type: z.string() })

/**
 * Whole lives per second: `underWay` callers each ask for a video with a webhook and wait until they are told that it is
 * completed, again and again.
 */
export async function measureLives(
  directory: string,
  {
    upstreamUrl,
    underWay,
    warmUpSeconds,
    seconds,
  }: { upstreamUrl: string; underWay: number; warmUpSeconds: number; seconds: number },
): Promise<Rate> {
  let told = 0
  let isOver = false
  const faults: string[] = []
  await using gateway = await startChild(
    {
      type: 'durable',
      directory,
      role: 'all',
      upstreamUrl,
      maxInFlight: null,
      notesAnswers: false,
      pollsAtOnce: true,
    },
    onServerCore,
  )
  await using calls = new AsyncDisposableStack()
  const pool = calls.adopt(new Pool(gateway.address, { connections: underWay }), (each) => each.destroy())
  const receiver = createServer((request, response) => {
    take(request).catch((error: unknown) => faults.push(String(error)))
    response.writeHead(204).end()
  })
  receiver.listen(0, '127.0.0.1')
  await once(receiver, 'listening')
  calls.defer(() => {
    receiver.closeAllConnections()
    receiver.close()
  })
  const listening = receiver.address()
  if (listening === null || typeof listening === 'string') throw new Error('the receiver has no port')
  const body = JSON.stringify({
    prompt: 'A paper boat sails down a rainy street.',
    duration: 10,
    webhook_url: `http://127.0.0.1:${listening.port}/told`,
  })

  async function take(request: IncomingMessage): Promise<void> {
    const { type } = Told.parse(await json(request))
    if (type !== 'generation.completed') throw new Error(`a generation ended as ${type}`)
    told += 1
    await ask()
  }

  async function ask(): Promise<void> {
    if (isOver) return
    const response = await pool.request({ method: 'POST', path: '/generate', headers, body })
    await response.body.dump()
    if (response.statusCode !== 202) throw new Error(`an accept was answered with ${response.statusCode}`)
  }

  const { statusCode, body: secret } = await pool.request({
    method: 'POST',
    path: '/webhook-secrets',
    headers: { authorization: headers.authorization },
  })
  await secret.dump()
  if (statusCode !== 201) throw new Error(`a secret to sign with was answered with ${statusCode}`)
  await Promise.all(Array.from({ length: underWay }, ask))
  await pause(warmUpSeconds * 1000)
  const [from, toldFrom, cpuFrom] = [performance.now(), told, cpuMicrosOf(gateway.pid)]
  await pause(seconds * 1000)
  const [to, toldTo, cpuTo] = [performance.now(), told, cpuMicrosOf(gateway.pid)]
  isOver = true
  if (faults.length > 0) throw new Error(`${faults.length} lives went wrong: ${faults[0]}`)
  const lives = toldTo - toldFrom
  return { perSecond: (lives * 1000) / (to - from), cpuMicros: (cpuTo - cpuFrom) / lives }
}
