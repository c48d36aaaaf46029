import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import t from 'tap'
import { parse } from 'yaml'
import type { SimulatedUpstream } from '../../src/simulator/simulated-upstream.ts'
import { keys, official, startGateway } from '../e2e/gateway.ts'
import { folder, program, run, scopes, stage } from './verify-stage.ts'

t.test('a vendor that refuses is reported, and its answers are kept', async (t) => {
  const { cwd, gateway, verify } = await stage(t)
  gateway.simulator.control.setFaults('openrouter', [{ kind: 'refused' }])
  const { code, out } = await verify(['openrouter', '--spend', '5', '--yes'])
  t.equal(code, 1)
  t.match(out, /^answers +failed +refused: .*\(1 create\)$/m)
  t.notMatch(out, /^length/m)
  const { answers } = parse(await readFile(join(cwd, 'verify-openrouter/answers.yaml'), 'utf8'))
  t.equal(answers.create.length, 1)
  t.ok(answers.create[0].status >= 400)
})

t.test('a clip of another length or size, and another charge than configured, are reported', async (t) => {
  const body = { duration: 8, resolution: "{{ resolution && '1080p' }}" }
  const dialect = { name: 'odd', extends: 'openrouter', create: { body } }
  const { cwd, verify } = await stage(t, { dialect, price: { per_second_usd: { default: 0.1 } } })
  const { code, out, err } = await verify(['openrouter', '--spend', '5', '--yes', '--json'])
  t.equal(code, 1, err)
  const report = JSON.parse(out)
  t.match(report.checks, [
    { name: 'answers', result: 'ok' },
    { name: 'length', result: 'failed', detail: '8 s, asked for 4 s' },
    { name: 'size', result: 'failed', detail: /1920|1080/ },
    { name: 'charge', result: 'failed', detail: 'the vendor reports $3.20, expected $0.40' },
  ])
  t.match(report, {
    files: { answers: 'verify-openrouter/answers.yaml', video: 'verify-openrouter/video.mp4' },
  })
  t.ok((await readdir(join(cwd, 'verify-openrouter'))).includes('answers.yaml'))
})

t.test('a vendor that tells no cost is no failure', async (t) => {
  const silent: SimulatedUpstream = { ...official, render: { milliseconds: 300 } }
  const cwd = await folder(t)
  const options = { live: true, patient: true, upstreams: [silent], keys: { other: { scopes } } }
  const gateway = await startGateway(t, options)
  const env = { UNDERSTUDY_URL: gateway.address, UNDERSTUDY_API_KEY: keys.other }
  const { code, out, err } = await run(cwd, [program, 'verify', 'official', '--spend', '5', '--yes'], env)
  t.equal(code, 0, out + err)
  t.match(out, /^charge +unknown +the vendor reports none$/m)
})
