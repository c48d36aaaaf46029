import { execFile, spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import t from 'tap'
import type { Test } from 'tap'
import { parse } from 'yaml'
import { z } from 'zod'

const program = new URL('../../.tooling/understudy.mjs', import.meta.url).pathname
const node = process.execPath

function folder(t: Test): string {
  const made = mkdtempSync(join(tmpdir(), 'understudy-init-'))
  t.teardown(() => rmSync(made, { recursive: true }))
  return made
}

interface Ended {
  code: number
  out: string
  err: string
}

/** The command as people run it: a process of its own, without a terminal. */
async function init(cwd: string, args: string[], env: Record<string, string> = {}): Promise<Ended> {
  const run = promisify(execFile)(node, [program, 'init', ...args], { cwd, env })
  run.child.stdin?.end()
  const failed = z.object({ code: z.number(), stdout: z.string(), stderr: z.string() })
  try {
    const { stdout, stderr } = await run
    return { code: 0, out: stdout, err: stderr }
  } catch (error) {
    const { code, stdout, stderr } = failed.parse(error)
    return { code, out: stdout, err: stderr }
  }
}

t.test('a file with one upstream is written and checked, and what to do next is said', async (t) => {
  const cwd = folder(t)
  const { code, out, err } = await init(cwd, ['--preset', 'openrouter', '--key-env', 'MY_KEY'])
  t.equal(code, 0, err)
  t.match(out, /understudy\.yaml is ok\n {2}1 upstream +openrouter \(official, openrouter\)/)
  t.match(
    out,
    /export MY_KEY=.*\n.*understudy start --config understudy\.yaml\n.*login.*\n.*verify openrouter --spend/,
  )
  const text = readFileSync(join(cwd, 'understudy.yaml'), 'utf8')
  t.match(parse(text), {
    upstreams: [{ id: 'openrouter', api_key: '${MY_KEY}', base_url: 'https://openrouter.ai/api/v1' }],
  })
  t.match(text, /# ask GET \/videos\/models/, 'with its comments')
  t.notMatch(
    (await init(cwd, ['b.yaml', '-p', 'xai', '-k', 'MY_KEY'], { MY_KEY: 'a-key-of-xai-90' })).out,
    /export/,
  )
})

t.test('an existing file is left as it is', async (t) => {
  const cwd = folder(t)
  writeFileSync(join(cwd, 'mine.yaml'), 'precious: true\n')
  const { code, err } = await init(cwd, ['mine.yaml', '--preset', 'kie'])
  t.equal(code, 1)
  t.match(err, /mine\.yaml exists and is not overwritten\. Choose another name/)
  t.equal(readFileSync(join(cwd, 'mine.yaml'), 'utf8'), 'precious: true\n')
})

t.test('what is wrong is said, and nothing is written', async (t) => {
  const cwd = folder(t)
  const cases: Array<[args: string[], says: RegExp, code?: number]> = [
    [[], /Choose a preset with --preset:\n\nvllm +self_hosted/],
    [['--preset', 'openruter'], /no preset "openruter"\. Did you mean openrouter\?/],
    [['--preset', 'openai-videos'], /no preset "openai-videos"/],
    [['--preset', 'kie', '--key-env', 'sk-live-1234'], /name of an environment variable.*not the key itself/],
    [['--preset', 'kie', '--base-url', 'ftp://kie'], /base_url.*\n[^]*understudy\.yaml was not written/],
    [['--preset', 'kie', '--id', 'not an id'], /upstreams\[0\]\.id/],
    [['--preset'], /argument missing/, 2],
    [['--prset', 'kie'], /Did you mean --preset/, 2],
    [['no/such/folder.yaml', '--preset', 'kie'], /folder\.yaml cannot be written/],
  ]
  for (const [args, says, expected = 1] of cases) {
    const { code, err } = await init(cwd, args)
    t.equal(code, expected, args.join(' '))
    t.match(err, says)
  }
  t.notOk(existsSync(join(cwd, 'understudy.yaml')))
})

t.test('on a terminal it asks, and takes what is usual for an empty answer', async (t) => {
  const cwd = folder(t)
  const command = `${node} ${program} init asked.yaml`
  const child = spawn('script', ['-qec', command, '/dev/null'], { cwd, env: { PATH: '/usr/bin:/bin' } })
  let seen = ''
  const answers: Array<[asked: RegExp, answer: string]> = [
    [/Preset: /, 'vidu'],
    [/Base URL \[https:\/\/api\.vidu\.com\]: /, ''],
    [/API key \[VIDU_API_KEY\]: /, 'OTHER_KEY'],
  ]
  child.stdout.on('data', (chunk: Buffer) => {
    seen += chunk.toString()
    const [next] = answers
    if (next === undefined || !next[0].test(seen)) return
    answers.shift()
    child.stdin.write(`${next[1]}\n`)
  })
  const code = await new Promise((resolve, reject) => child.on('close', resolve).on('error', reject))
  t.equal(code, 0, seen)
  t.same(answers, [])
  t.match(parse(readFileSync(join(cwd, 'asked.yaml'), 'utf8')), {
    upstreams: [{ id: 'vidu', base_url: 'https://api.vidu.com', api_key: '${OTHER_KEY}' }],
  })
})
