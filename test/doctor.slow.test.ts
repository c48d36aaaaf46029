import { execFile } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import type { Test } from 'tap'
import { stringify } from 'yaml'
import { startSimulator } from '../src/simulator/simulator.ts'
import type { SimulatedUpstream } from '../src/simulator/simulated-upstream.ts'

const program = new URL('../.tooling/understudy.mjs', import.meta.url).pathname

const vendor = {
  kind: 'reverse',
  price: { perRequestUsd: 0.12 },
  chargedOn: 'success',
  render: { polls: 1 },
  characters: false,
} as const
const vendors: SimulatedUpstream[] = [
  { ...vendor, id: 'openai', dialect: 'openai-videos', apiKey: 'key-of-openai', models: ['sora-2'] },
  { ...vendor, id: 'kie', dialect: 'kie-jobs', apiKey: 'key-of-kie', models: ['sora-2'], balance: 0 },
  { ...vendor, id: 'sora', dialect: 'sora-tasks', apiKey: 'key-of-sora', models: ['sora-2'] },
]

/** Runs `understudy doctor` as a process of its own, in an empty folder, on a file with these changes of upstreams. */
async function doctor(t: Test, changes: Record<string, object>, args: string[] = []) {
  const simulator = await startSimulator({ upstreams: vendors })
  t.teardown(() => simulator.close())
  const cwd = mkdtempSync(join(tmpdir(), 'understudy-doctor-'))
  t.teardown(() => rmSync(cwd, { recursive: true }))
  const upstreams = vendors.map(({ id, kind, dialect, apiKey }) => ({
    id,
    kind,
    dialect,
    base_url: simulator.baseUrl(id),
    api_key: apiKey,
    models: { 'sora-2': 'sora-2' },
    price: { per_request_usd: 0.12 },
    ...changes[id],
  }))
  writeFileSync(join(cwd, 'understudy.yaml'), stringify({ upstreams }))
  const ended = await new Promise<{ code: number; out: string; err: string }>((resolve) => {
    const words = [program, 'doctor', '--config', 'understudy.yaml', ...args]
    const child = execFile(process.execPath, words, { cwd, timeout: 60_000 }, (_error, out, err) =>
      resolve({ code: child.exitCode ?? -1, out, err }),
    )
  })
  return { ...ended, simulator, wroteData: existsSync(join(cwd, 'data')) }
}

t.test('upstreams are asked what costs nothing: nothing is bought and nothing is written', async (t) => {
  const { code, out, wroteData } = await doctor(t, {}, ['--upstream', 'openai', 'sora'])
  t.equal(code, 0, out)
  t.match(out, /^openai \(reverse, openai-videos\)\n {2}list +ok, HTTP 200, \d+ ms, 0 jobs/)
  t.match(out, / {2}models +ok, HTTP 200, \d+ ms, 1 model\n/)
  t.match(out, /sora \(reverse, sora-tasks\)\n {2}It has no calls that cost nothing/)
  t.match(out, /Nothing needs attention\.\n$/)
  t.notMatch(out, /kie/)
  t.equal(wroteData, false)
})

t.test('what is wrong with an account or an address is told, and the exit code says so', async (t) => {
  const wrongKey = await doctor(t, { openai: { api_key: 'key-of-nobody' } })
  t.equal(wrongKey.code, 1)
  t.match(wrongKey.out, / {2}models +account_rejected, HTTP 401/)
  t.match(wrongKey.out, /Check the key and the balance of the account\./)
  t.match(wrongKey.out, / {2}balance +ok.*\b0 credits.*\n +The account is empty/)
  t.match(wrongKey.out, /Needs attention: openai, kie\.\n$/)
  t.notMatch(wrongKey.out + wrongKey.err, /key-of-/, 'no key is printed')

  const refused = { openai: { base_url: 'http://127.0.0.1:1/v1' } }
  const unreachable = await doctor(t, refused, ['--upstream', 'openai'])
  t.equal(unreachable.code, 1)
  t.match(unreachable.out, /unreachable/)

  const gone = { openai: { models: { 'sora-2': 'sora-3' } } }
  const missing = await doctor(t, gone, ['--upstream', 'openai'])
  t.equal(missing.code, 1)
  t.match(missing.out, /Its list of models lacks sora-3\. Check `models`\./)
})

t.test('a file with faults and an unknown upstream are told before anything is asked', async (t) => {
  const unknown = await doctor(t, {}, ['--upstream', 'opnai'])
  t.equal(unknown.code, 1)
  t.match(unknown.err, /Not configured: opnai\. The upstreams are openai, kie, sora\./)
  const faulty = await doctor(t, { openai: { kind: 'offical' } })
  t.equal(faulty.code, 1)
  t.match(faulty.err, /upstreams\[0\]\.kind: .*did you mean `official`/)
  t.equal(faulty.out, '')
})
