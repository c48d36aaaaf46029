import type { ServerResponse } from 'node:http'
import t from 'tap'
import { json, startHttp } from '../upstreams/loopback.ts'
import { reverse, startGateway } from './gateway.ts'

const names = ['girl', 'boy', 'cat']
const dripMs = 100

/** No response, or a response header and then one byte at a time. */
const stalls: Record<string, (response: ServerResponse) => void> = {
  silent: () => undefined,
  dripping(response) {
    response.writeHead(200, { 'content-type': 'application/json', 'content-length': '100000' })
    const timer = setInterval(() => response.write(' '), dripMs)
    response.on('close', () => clearInterval(timer))
  },
}
let isStalling = true
const stalled = new Map<string, ServerResponse[]>()

/** A vendor that creates a character by a job. Polls of it stall, if the upstream has a stall. */
async function startVendor(id: string): Promise<object> {
  const held: ServerResponse[] = []
  const stall = stalls[id]
  const { baseUrl } = await startHttp(t, ({ method }, response) => {
    if (method === 'POST') return json(response, 200, { id: 'char_1', status: 'queued' })
    if (stall === undefined || !isStalling) return json(response, 200, { id: 'char_1', username: 'a.finch' })
    held.push(response)
    return stall(response)
  })
  if (stall !== undefined) stalled.set(id, held)
  return { base_url: baseUrl, profile: 'new-api', traits: { characters: 'job' } }
}

const ids = [...Object.keys(stalls), 'healthy']
const settings = Object.fromEntries(
  await Promise.all(ids.map(async (id) => [id, await startVendor(id)] as const)),
)
const gateway = await startGateway(t, {
  upstreams: ids.map((id) => ({ ...reverse, id, dialect: 'openai-videos' })),
  settings,
  patient: true,
})

async function bindings(name: string): Promise<Record<string, string>> {
  const { body } = await gateway.call('GET', `/characters/${name}`)
  return Object.fromEntries(
    body.bindings.map(({ upstream, state }: Record<string, string>) => [upstream, state]),
  )
}

async function isReady(): Promise<boolean> {
  return Object.values(await bindings('girl')).every((state) => state === 'ready')
}

t.test('upstreams that hang or drip when asked about their characters hold up no other', async (t) => {
  const source = { video_url: `${gateway.simulator.origin}/clips/girl.mp4?seconds=2&size=320x240` }
  for (const name of names) {
    await gateway.call('POST', '/characters', { name, ...source })
    for (const upstream of ids)
      await gateway.call('POST', `/characters/${name}/bindings`, { upstreams: [upstream] })
  }
  for (let round = 0; round < 8; round++) await gateway.advance(5000)
  for (const name of names)
    t.match(await bindings(name), { silent: 'pending', dripping: 'pending', healthy: 'ready' })
  for (const [id, held] of stalled) t.ok(held.length > 0, `${id} was asked`)
  for (const held of stalled.values()) t.notOk(held.some(({ writableEnded }) => writableEnded))

  isStalling = false
  for (const response of [...stalled.values()].flat()) response.destroy()
  for (let round = 0; round < 60 && !(await isReady()); round++) await gateway.advance(10_000)
  t.ok(await isReady(), 'asked again once they answer')
})
