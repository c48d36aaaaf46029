/**
 * The process of the vendor: upstreams of the protocol `sora-tasks` below `/NAME/v1` whose jobs take two to six seconds. What
 * becomes of a create is up to words of its prompt (`fates`). Says its address, then answers each message with what it took.
 */
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { json } from 'node:stream/consumers'
import { z } from 'zod'
import { aClip } from '../../test/fixtures/clips.ts'
import { fates, markOf } from './orders.ts'
import type { VendorReport } from './orders.ts'

const Create = z.object({ prompt: z.string() })

interface Job {
  mark: string
  readyAt: number
  fails: boolean
}

const clip = await aClip({ seconds: 2, width: 320, height: 180 })
const jobs = new Map<string, Job>()
/** Upstreams that were asked for the generation with this mark, and whether one of them took it to render it well. */
const seen = new Map<string, { askedAt: Set<string>; rendered: number }>()
const report: VendorReport = { creates: 0, rendered: 0, twice: [], polls: 0, characters: 0 }
let address = ''

type Answer = [status: number, body: object]

function create(upstream: string, prompt: string): Answer {
  const mark = markOf(prompt) ?? 'none'
  const before = seen.get(mark) ?? { askedAt: new Set<string>(), rendered: 0 }
  const isFirst = before.askedAt.size === 0
  report.creates++
  if (before.askedAt.has(upstream) || before.rendered > 0 || mark === 'none')
    report.twice.push(`${mark} at ${upstream}`)
  before.askedAt.add(upstream)
  seen.set(mark, before)
  if (prompt.includes(fates.refused))
    return [
      400,
      { error: { code: 'content_policy_violation', message: 'The prompt violates the content policy.' } },
    ]
  if (prompt.includes(fates.turnedAway) && isFirst)
    return [503, { error: { code: 'model_overloaded', message: 'The model is overloaded.' } }]
  const fails = prompt.includes(fates.jobFails) && isFirst
  if (!fails) {
    before.rendered++
    report.rendered++
  }
  const id = `task_${report.creates}`
  jobs.set(id, { mark, fails, readyAt: Date.now() + 2000 + ((report.creates * 7919) % 4000) })
  return [200, { task_id: id }]
}

function poll(id: string): Answer {
  report.polls++
  const job = jobs.get(id)
  if (job === undefined)
    return [404, { error: { code: 'task_not_exist', message: 'The task does not exist.' } }]
  if (Date.now() < job.readyAt) return [200, { status: 'processing', progress: 40 }]
  return job.fails
    ? [200, { status: 'failed', error: 'render_failed: The engine stopped.' }]
    : [200, { status: 'completed', progress: 100, video_url: `${address}/files/${id}.mp4` }]
}

async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { method, url = '' } = request
  const [, upstream = '', rest = ''] = /^\/(\w[\w-]*)\/(.*)$/.exec(url) ?? []
  if (upstream === 'files') {
    request.resume()
    response.writeHead(200, { 'content-type': 'video/mp4', 'content-length': clip.length }).end(clip)
    return
  }
  let said: Answer
  if (method === 'POST' && rest === 'v1/sora/generate')
    said = create(upstream, Create.parse(await json(request)).prompt)
  else if (method === 'POST' && rest === 'v1/sora/characters') {
    request.resume()
    said = [200, { character_id: `char.${++report.characters}` }]
  } else {
    request.resume()
    said = poll(rest.slice(rest.lastIndexOf('/') + 1))
  }
  response.writeHead(said[0], { 'content-type': 'application/json' }).end(JSON.stringify(said[1]))
}

const server = createServer((request, response) => {
  answer(request, response).catch(() => response.destroy())
})
server.listen(0, '127.0.0.1')
await once(server, 'listening')
const listening = server.address()
if (listening === null || typeof listening === 'string') throw new Error('the vendor has no port')
address = `http://127.0.0.1:${listening.port}`
process.on('message', () => process.send?.(report))
process.on('disconnect', () => process.exit())
process.send?.({ address })
