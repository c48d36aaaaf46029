import { spawn } from 'node:child_process'
import { appendFile, mkdir, readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { Interface } from 'node:readline'
import t from 'tap'
import { startSimulator } from '../../src/simulator/simulator.ts'
import { addressOf } from '../e2e/gateway-process.ts'
import { keys } from '../e2e/gateway.ts'
import { folder, gatewayMain, openrouter, program, run, stage } from './verify-stage.ts'

/** The key that a gateway prints at its first start. */
function keyOf(output: Interface): Promise<string> {
  return new Promise((resolve) =>
    output.on('line', (line) => {
      const key = /^ {2}key +(\S+)/.exec(line)?.[1]
      if (key !== undefined) resolve(key)
    }),
  )
}

t.test('from a preset to a verified upstream: init, start, verify, replay', async (t) => {
  const cwd = await folder(t)
  const simulator = await startSimulator({ upstreams: [openrouter] })
  t.teardown(() => simulator.close())
  const made = await run(cwd, [
    program,
    'init',
    '--preset=openrouter',
    '--key-env=A_KEY',
    `--base-url=${simulator.baseUrl('openrouter')}`,
  ])
  t.equal(made.code, 0, made.err)
  const file = join(cwd, 'understudy.yaml')
  // The vendor is on this machine, and the port is free.
  await appendFile(
    file,
    [
      'server: { port: 0 }',
      `storage: { url: 'sqlite:${cwd}/understudy.db' }`,
      `media: { url: 'file:${cwd}/media' }`,
      'fetch: { allow_private_hosts: [127.0.0.1] }',
      '',
    ].join('\n'),
  )
  const child = spawn(process.execPath, [gatewayMain, '--config', file], {
    cwd,
    env: { HOME: cwd, A_KEY: openrouter.apiKey },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  t.teardown(() => child.kill('SIGKILL'))
  const output = createInterface({ input: child.stdout })
  // Off a terminal, the key is on stderr: stdout is for lines of the log.
  const key = keyOf(createInterface({ input: child.stderr }))
  const address = await addressOf(child, output)
  const env = { UNDERSTUDY_URL: address, UNDERSTUDY_API_KEY: await key }

  const { code, out, err } = await run(cwd, [program, 'verify', 'openrouter', '--spend', '2', '--yes'], env)
  t.equal(code, 0, out + err)
  t.match(err, /^gen_\w+: sent to openrouter for \$1\.60/)
  t.match(out, /^openrouter: veo-3\.1, 4 s of (?:1280x720|720x1280), \$1\.60\n/)
  t.match(out, /^answers +ok +1 create, \d+ poll, 1 fetch$/m)
  t.match(out, /^length +ok +4 s$/m)
  t.match(out, /^size +ok +\d+x\d+$/m)
  t.match(out, /^charge +ok +the vendor reports \$1\.60, expected \$1\.60$/m)
  t.equal(simulator.control.renders().length, 1)
  t.same((await readdir(join(cwd, 'verify-openrouter'))).toSorted(), ['answers.yaml', 'video.mp4'])
  t.equal((await readFile(join(cwd, 'verify-openrouter/video.mp4'))).subarray(4, 8).toString(), 'ftyp')
  const text = await readFile(join(cwd, 'verify-openrouter/answers.yaml'), 'utf8')
  t.notMatch(text, openrouter.apiKey)

  const replayed = await run(cwd, [
    gatewayMain,
    '--try-dialect=openrouter',
    '--fixture=verify-openrouter/answers.yaml',
  ])
  t.equal(replayed.code, 0, replayed.err)
  t.match(replayed.out, /type: accepted[^]*type: completed[^]*micros: 1600000/)

  const again = await run(cwd, [program, 'verify', 'openrouter', '--spend', '2', '--yes'], env)
  t.equal(again.code, 2)
  t.match(again.err, /folder verify-openrouter exists/)
  t.equal(simulator.control.renders().length, 1, 'what was paid for is not written over')
})

t.test('what can be known before is said before, and nothing is sent', async (t) => {
  const { cwd, gateway, verify } = await stage(t)
  await mkdir(join(cwd, 'taken'))
  const enough = ['openrouter', '--spend', '5']
  const cases: Array<[args: string[], code: number, says: RegExp]> = [
    [['openruter', '--spend', '5', '--yes'], 2, /no upstream openruter\. Known: openrouter\./],
    [['openrouter', '--yes'], 2, /required option '--spend/],
    [['openrouter', '--spend', 'much', '--yes'], 2, /Must be a number/],
    [
      ['openrouter', '--spend', '1.59', '--yes'],
      2,
      /4 s of .* costs \$1\.60, more than --spend \$1\.59\. Nothing was sent/,
    ],
    [enough, 2, /renders 4 s of .* of sora-2 for \$1\.60\.\n.*pass --yes/],
    [[...enough, '--yes', '--out', 'taken'], 2, /folder taken exists/],
    [[...enough, '--yes', '--model', 'sora-9'], 2, /sora-9/],
    [[...enough, '--yes', '--seconds', '5'], 2, /openrouter/],
  ]
  for (const [args, code, says] of cases) {
    const ended = await verify(args)
    t.equal(ended.code, code, args.join(' '))
    t.match(ended.err, says)
  }
  const denied = await verify([...enough, '--yes'], { UNDERSTUDY_API_KEY: keys.studio })
  t.equal(denied.code, 3, 'a key that may not read answers finds out before it has paid')
  t.same(gateway.simulator.control.renders(), [])
  t.equal(gateway.simulator.control.bill().totalUsd, 0)
  t.same(await readdir(cwd), ['taken'])
})
