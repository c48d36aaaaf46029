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

t.test('generations are listed, cancelled, downloaded and deleted from the command line', async (t) => {
  const gateway = await startGateway(t)
  const { home, run } = await world(t, gateway.address)
  const waiting = id.exec((await run(['generate', 'a boat', '-d', '5'])).out)?.[0] ?? ''
  t.match(await run(['cancel', waiting]), { code: 0, out: `${waiting}  cancelled\n` })
  const done = await gateway.generate({ prompt: 'a boat', duration: 5 })
  t.equal((await run(['list'])).out, `${done.id}  completed  100 %\n${waiting}  cancelled  0 %\n`)
  t.equal((await run(['list', '-n', '1'])).out, `${done.id}  completed  100 %\n`)
  t.equal((await run(['list', '--status', 'cancelled'])).out, `${waiting}  cancelled  0 %\n`)
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
