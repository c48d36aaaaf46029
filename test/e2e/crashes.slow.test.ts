import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import t from 'tap'
import { startSimulator } from '../../src/simulator/simulator.ts'
import { startProcess } from './gateway-process.ts'
import { configText, keys, official, reverse } from './gateway.ts'

const headers = { authorization: `Bearer ${keys.studio}`, 'content-type': 'application/json' }
const mostLooks = 1200

const directory = await mkdtemp(join(tmpdir(), 'understudy-crash-'))
const upstreams = [
  { ...reverse, render: { milliseconds: 600_000 } },
  { ...official, render: { milliseconds: 1500 } },
]
const simulator = await startSimulator({ upstreams })
const poison = join(directory, 'poison')
const file = join(directory, 'understudy.yaml')
const options = { live: true, settings: {}, routing: {}, media: {}, keys: {} }
await writeFile(file, configText(simulator, upstreams, directory, options))

const lines: string[] = []
const preload = new URL(`poison.ts?file=${encodeURIComponent(poison)}`, import.meta.url).href
const start = () => startProcess(file, (line) => lines.push(line), ['--import', preload])
let gateway = await start()
t.teardown(async () => {
  gateway.child.kill('SIGKILL')
  await simulator.close()
  await rm(directory, { recursive: true, force: true })
})

async function call(method: string, path: string, body?: object): Promise<{ status: number; body: any }> {
  const response = await fetch(`${gateway.address}${path}`, {
    method,
    headers,
    ...(body !== undefined && { body: JSON.stringify(body) }),
  })
  return { status: response.status, body: await response.json() }
}

async function accept(upstream: string): Promise<string> {
  const duration = upstream === 'official' ? 4 : 5
  const asked = { prompt: 'a paper boat', duration, routing: { upstreams: [upstream] } }
  return (await call('POST', '/generate', asked)).body.id
}

async function until(id: string, holds: (shown: any) => boolean): Promise<any> {
  for (let looks = 0; looks < mostLooks; looks++) {
    const { body } = await call('GET', `/generations/${id}`)
    if (holds(body)) return body
    await pause(50)
  }
  throw new Error(`did not come to hold of ${id}`)
}

t.test(
  'a generation that ends the process each time is set aside and shown, and all others go on',
  async (t) => {
    const poisonous = await accept('reseller')
    const beside = await accept('reseller')
    const { attempts } = await until(poisonous, (shown) => shown.attempts[0]?.upstream_id != null)
    await until(beside, (shown) => shown.attempts[0]?.state === 'running')
    await writeFile(poison, attempts[0].upstream_id)
    let crashes = 0
    for (; crashes < 6; crashes++) {
      const ended = once(gateway.child, 'exit')
      // Several polls of everything that is due.
      const [code] = await Promise.race([ended, pause(8000, ['goes on'])])
      if (code === 'goes on') break
      t.equal(code, 1)
      gateway = await start()
    }
    t.equal(crashes, 3)
    t.match(await until(await accept('official'), ({ status }) => status === 'completed'), {
      status: 'completed',
    })
    const shown = await until(poisonous, () => true)
    t.match(shown, { status: 'in_progress', attempts: [{ state: 'running', cost_state: 'reserved' }] })
    t.match(shown.warnings, [{ code: 'set_aside', detail: /retried after 20/ }])
    t.ok(lines.some((line) => line.includes(poisonous) && line.includes('pausing its work')))
    t.same((await until(beside, () => true)).warnings, [])
    t.match(await call('POST', `/generations/${poisonous}/cancel`), { status: 200 })
    t.equal(simulator.control.renders().length, 3, 'nothing was ordered again')
  },
)
