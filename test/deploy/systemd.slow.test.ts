import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { promisify } from 'node:util'
import t from 'tap'
import { stringify } from 'yaml'
import { addressOf } from '../e2e/gateway-process.ts'
import { skipWithout } from '../observe/programs.ts'

const root = new URL('../..', import.meta.url).pathname
const unit = readFileSync(join(root, 'deploy/systemd/understudy.service'), 'utf8')

/** The value of a key that stands once. */
function valueOf(key: string): string {
  const found = [...unit.matchAll(new RegExp(`^${key}=(.*)$`, 'gm'))].map(([, value = '']) => value)
  const [value] = found
  if (value === undefined || found.length > 1) throw new Error(`${key} stands ${found.length} times`)
  return value
}

t.before(() => promisify(execFile)(process.execPath, [join(root, '.tooling/build.mjs'), '--if-changed']))

/** This machine's Node and this checkout, in the place of those of an installation. */
const here = (text: string) =>
  text.replace('/usr/bin/node', process.execPath).replace('/opt/understudy/', root)

const settings = (enabled: boolean) =>
  stringify({
    server: { port: 0 },
    auth: { keys: [{ name: 'studio', key: 'studio-iFCx2cAmQ1RIHQSm' }] },
    upstreams: [
      {
        id: 'relay',
        enabled,
        kind: 'reverse',
        dialect: 'openai-videos',
        base_url: 'http://127.0.0.1:9/v1',
        api_key: 'key-of-a-relay',
        models: { 'sora-2': 'sora-2' },
        price: { per_request_usd: 0.1 },
      },
    ],
  })

t.test('systemd finds nothing wrong with the unit', { skip: skipWithout('systemd-analyze') }, async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'understudy-unit-'))
  t.teardown(() => rmSync(folder, { recursive: true }))
  const file = join(folder, 'understudy.service')
  writeFileSync(file, here(unit))
  const { stdout, stderr } = await promisify(execFile)('systemd-analyze', ['verify', '--man=no', file])
  t.equal(stdout + stderr, '')
})

t.test('its commands start, reload and stop the gateway itself', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'understudy-unit-'))
  t.teardown(() => rmSync(folder, { recursive: true }))
  const file = join(folder, 'understudy.yaml')
  writeFileSync(file, settings(true))
  const [program = '', ...words] = here(valueOf('ExecStart'))
    .replace('/etc/understudy/understudy.yaml', file)
    .split(' ')
  const child = spawn(program, words, { cwd: folder, stdio: ['ignore', 'pipe', 'ignore'] })
  t.teardown(() => child.kill('SIGKILL'))
  const lines: string[] = []
  const output = createInterface({ input: child.stdout }).on('line', (line) => lines.push(line))
  await addressOf(child, output)
  const listening = lines.map((line) => JSON.parse(line)).find(({ msg }) => /listens/.test(msg))
  t.equal(listening.pid, child.pid, 'the process that systemd started is the gateway')
  t.match(readFileSync(join(folder, 'data/understudy.db')).subarray(0, 6).toString(), 'SQLite')

  writeFileSync(file, settings(false))
  const reloaded = once(output, 'line', { signal: AbortSignal.timeout(20_000) })
  const reload = valueOf('ExecReload').replace('$MAINPID', `${child.pid}`).split(' ')
  await promisify(execFile)(reload[0] ?? '', reload.slice(1))
  t.match(JSON.parse(String((await reloaded)[0])), { msg: 'configuration reloaded' })

  // What systemd sends to stop a service without ExecStop.
  child.kill('SIGTERM')
  const [code] = await once(child, 'exit')
  t.equal(code, 0)
  t.match(JSON.parse(lines.at(-1) ?? ''), { msg: 'Understudy has stopped' })
})
