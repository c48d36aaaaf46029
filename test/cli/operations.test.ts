import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import t from 'tap'
import { keys, startGateway } from '../e2e/gateway.ts'
import { world } from './world.ts'

const id = /gen_\w+/

t.test('an operator pauses and resumes from the command line, and sees it', async (t) => {
  const gateway = await startGateway(t, { keys: { other: { scopes: ['operate'] } } })
  const { run } = await world(t, gateway.address)
  const operator = { env: { UNDERSTUDY_URL: gateway.address, UNDERSTUDY_API_KEY: keys.other } }
  t.match(await run(['upstreams'], operator), {
    code: 0,
    out: /^reseller {2}reverse {2}sora-tasks {2}ok {2}sora-2\n/,
  })
  t.match(await run(['pause', 'reseller', '--reason', 'out of credit'], operator), {
    code: 0,
    out: 'Submissions to reseller are paused until understudy resume reseller.\n',
  })
  t.match((await run(['upstreams'], operator)).out, /^reseller .* paused: out of credit {2}sora-2\n/)
  t.match(JSON.parse((await run(['upstreams', '--json'], operator)).out), [
    { pause: { reason: 'out of credit' } },
    { pause: null },
  ])
  t.match(await run(['resume', 'reseller'], operator), {
    code: 0,
    out: 'Submissions to reseller are resumed.\n',
  })
  t.match(await run(['resume'], operator), { code: 0, out: 'Submissions to all upstreams are not paused.\n' })
  const until = new Date(gateway.now() + 60_000).toISOString()
  t.match(await run(['pause', '-r', 'maintenance', '--until', until], operator), {
    code: 0,
    out: `Submissions to all upstreams are paused until ${until}.\n`,
  })
  t.match(await run(['pause', 'nobody', '-r', 'x'], operator), {
    code: 2,
    err: /No upstream "nobody" is configured/,
  })
  t.match(await run(['pause'], operator), { code: 2, err: /--reason/ })
  t.match(await run(['pause', '-r', 'x']), { code: 3 })
})

t.test('an operator sees what an upstream spent of its cap, and others do not', async (t) => {
  const gateway = await startGateway(t, {
    keys: { other: { scopes: ['operate'] } },
    settings: { reseller: { limits: { spend_usd_per_day: 1 } } },
  })
  const { run } = await world(t, gateway.address)
  const operator = { env: { UNDERSTUDY_URL: gateway.address, UNDERSTUDY_API_KEY: keys.other } }
  await gateway.generate({ prompt: 'a boat', duration: 5 })
  t.match(await run(['upstreams'], operator), {
    code: 0,
    out: /^reseller .* {2}sora-2 {2}\$0\.12 today, \$0\.00 reserved, of \$1\.00 until \d{4}-\d\d-\d\dT00:00:00\.000Z\nofficial .* {2}sora-2\n$/,
  })
  t.match((await run(['upstreams'])).out, /^reseller .* {2}sora-2\nofficial .* {2}sora-2\n$/)
})

t.test('an operator resets a breaker and probes from the command line', async (t) => {
  const gateway = await startGateway(t, { keys: { other: { scopes: ['operate'] } } })
  const { run } = await world(t, gateway.address)
  const operator = { env: { UNDERSTUDY_URL: gateway.address, UNDERSTUDY_API_KEY: keys.other } }
  const { control } = gateway.simulator
  control.setFaults('reseller', [{ kind: 'model_gone', variant: 'paused' }])
  await gateway.generate({ prompt: 'a boat', duration: 5 })
  t.match(await run(['reset-breaker', 'reseller'], operator), {
    code: 0,
    out: 'The create breaker of reseller is closed. It was closed.\nTried again: sora-2.\n',
  })
  t.match(await run(['reset-breaker', 'reseller', 'polls'], operator), {
    code: 2,
    err: /create, poll, fetch/,
  })
  t.match(await run(['reset-breaker', 'reseller']), { code: 3 })

  t.match(await run(['probe', 'official'], operator), {
    code: 0,
    out: /^list {2}ok {2}\d+ ms {2}1 jobs on the first page\nmodels {2}ok {2}\d+ ms {2}sora-2\n$/,
  })
  t.match(await run(['probe', 'reseller'], operator), {
    code: 0,
    out: 'reseller has no call that costs nothing.\n',
  })
  control.setFaults('official', [{ kind: 'unauthorized' }])
  t.match(await run(['probe', 'official'], operator), {
    code: 1,
    out: /^list {2}account_rejected {2}\d+ ms {2}HTTP 401: .*\nmodels {2}account_rejected/,
  })
  t.match(JSON.parse((await run(['probe', 'official', '--json'], operator)).out), {
    calls: [{ http_status: 401 }, {}],
  })
})

t.test('generations are listed, cancelled, downloaded and deleted from the command line', async (t) => {
  const gateway = await startGateway(t)
  const { home, run } = await world(t, gateway.address)
  const waiting = id.exec((await run(['generate', 'a boat', '-d', '5'])).out)?.[0] ?? ''
  t.match(await run(['cancel', waiting]), { code: 0, out: `${waiting}  cancelled\n` })
  const done = await gateway.generate({ prompt: 'a boat', duration: 5 })
  const ends = [
    `${done.id}  studio  completed  100 %  $0.12 paid  reseller succeeded `,
    `${waiting}  studio  cancelled  `,
  ]
  const [first = '', second = ''] = (await run(['list'])).out.split('\n')
  t.ok(first.startsWith(ends[0] ?? '?') && second.startsWith(ends[1] ?? '?'), first + second)
  t.equal((await run(['list', '-n', '1'])).out, `${first}\n`)
  t.equal((await run(['list', '--status', 'cancelled'])).out, `${second}\n`)
  t.match(JSON.parse((await run(['list', '--json'])).out), [{ id: done.id }, { id: waiting }])
  const file = join(home, 'boat.mp4')
  t.match(await run(['download', done.id, '-o', file]), { code: 0, out: `${file}\n` })
  t.equal((await stat(file)).size, done.video.bytes)
  t.match(await run(['download', waiting, '-o', join(home, 'no.mp4')]), { code: 2 })
  t.match(await run(['delete', done.id, waiting]), {
    code: 0,
    out: `${done.id}  deleted\n${waiting}  deleted\n`,
  })
  t.equal((await run(['list'])).out, '')
  t.match(await run(['cancel', done.id]), { code: 2, err: /does not exist/ })
})

t.test('--version says which', async (t) => {
  const { run } = await world(t, 'http://127.0.0.1:9')
  t.match(await run(['--version']), { code: 0, out: /^\d+\.\d+\.\d+\n$/ })
})

t.test('list filters by what is asked, and shows whose it is, what it cost and where it went', async (t) => {
  const gateway = await startGateway(t, { keys: { other: { scopes: ['observe'] } } })
  const { run } = await world(t, gateway.address)
  const observer = { env: { UNDERSTUDY_URL: gateway.address, UNDERSTUDY_API_KEY: keys.other } }
  const boat = await gateway.generate({ prompt: 'a boat', duration: 5, metadata: { shot: '12b' } })
  const mill = await gateway.generate({ prompt: 'a mill', duration: 5 })
  const listed = async (...options: string[]) =>
    (await run(['list', ...options])).out.split('\n').flatMap((line) => line.match(/^gen_\w+/) ?? [])
  t.same(await listed(), [mill.id, boat.id])
  t.same(await listed('--oldest'), [boat.id, mill.id])
  t.same(await listed('--metadata', 'shot=12b'), [boat.id])
  t.same(await listed('--words', 'MILL'), [mill.id])
  t.same(await listed('--attention'), [])
  t.same(await listed('--status', 'completed', '-u', 'reseller', '--key', 'studio', '-n', '1'), [mill.id])
  t.same(await listed('--attempt-state', 'unknown'), [])
  t.same(await listed('--older-than', '3600'), [])
  const { out } = await run(['list', '--tenant', 'studio', '-n', '1'], observer)
  t.match(out, /^gen_\w+ {2}studio {2}completed {2}100 % {2}\$0\.12 paid {2}reseller succeeded \S+\n$/)
  t.match(await run(['list', '--words', 'mill'], observer), { code: 3, err: /operate_prompts/ })
  t.match(await run(['list', '--tenant', 'other']), { code: 3, err: /observe or operate/ })
  t.match(await run(['list', '--metadata', 'shot']), { code: 2, err: /NAME=VALUE/ })
})
