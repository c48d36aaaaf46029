import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import t from 'tap'
import { demoUpstreams } from '../../src/simulator/demo-upstreams.ts'
import { client, stage } from './stage.ts'

const main = fileURLToPath(new URL('../../src/simulator/main.ts', import.meta.url))

t.test('the command prints base URLs and keys that work, and ends cleanly on SIGTERM', async (t) => {
  const child = spawn(process.execPath, [main, '--port', '0'], { stdio: ['ignore', 'pipe', 'inherit'] })
  t.teardown(() => child.kill('SIGKILL'))
  const lines: string[] = []
  const late = setTimeout(() => child.kill('SIGKILL'), 60_000)
  for await (const line of createInterface(child.stdout)) {
    lines.push(line)
    if (line.includes('curl')) break
  }
  clearTimeout(late)
  for (const words of ['fal-queue', 'kie-jobs', 'openai-videos: vllm-omni', 'volc-asset'])
    t.ok(
      lines.some((line) => line.includes(words)),
      words,
    )
  const [, url = '', key = ''] = /sim-official .*(http\S+) +key: (\S+)/.exec(lines.join('\n')) ?? []
  const answer = await fetch(`${url}/videos`, { headers: { authorization: `Bearer ${key}` } })
  t.match(await answer.json(), { object: 'list', data: [] })
  child.kill('SIGTERM')
  t.same(await once(child, 'exit'), [0, null])
})

t.test('a port that is none is refused', async (t) => {
  const child = spawn(process.execPath, [main, '--port', 'x'], { stdio: 'ignore' })
  t.same(await once(child, 'exit'), [1, null])
})

t.test('the demo upstreams sell what they say', async (t) => {
  const simulator = await stage(t, demoUpstreams)
  const [reverse, official, hosted] = demoUpstreams
  const generate = client(simulator, reverse!)
  t.equal(
    (await generate('POST', '/sora/generate', { prompt: 'x', duration: 10, size: '720x1280' })).status,
    200,
  )
  const create = client(simulator, official!)
  const pro = { prompt: 'x', model: 'sora-2-pro', seconds: '12', size: '1280x720' }
  t.equal((await create('POST', '/videos', pro)).status, 200)
  t.equal((await create('POST', '/videos', { ...pro, seconds: '10' })).status, 400)
  const render = client(simulator, hosted!)
  t.equal((await render('POST', '/videos', { prompt: 'x', seconds: '7', size: '832x480' })).status, 200)
  t.equal((await render('POST', '/videos', { prompt: 'x', model: 'sora-2' })).status, 400)
})
