import { execFile, spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { promisify } from 'node:util'
import t from 'tap'
import type { Test } from 'tap'
import { aClip } from '../fixtures/clips.ts'
import { root, textOf } from './files.ts'

const page = 'docs/zh-TW/README.md'
/** The console may have to be built first. */
const startMs = 90_000
const printed = 'http://127.0.0.1:8787'

function blocksOf(language: string): string[] {
  return [...textOf(page).matchAll(new RegExp(`^\`\`\`${language}\n([^]*?)^\`\`\`$`, 'gm'))].map(
    ([, text = '']) => text.trim(),
  )
}

/** The commands of the page in their order; one that goes on in further lines is one. */
const commands = blocksOf('sh')
  .flatMap((block) => block.replaceAll('\\\n', ' ').split('\n'))
  .map((line) => line.replace(/\s+#.*$/, '').replaceAll(/\s+/g, ' '))

interface Desk {
  folder: string
  env: Record<string, string>
}

/** A checkout in a folder of its own, so that what the commands write stays in it, with a home that is empty. */
function makeDesk(t: Test): Desk {
  // `npm start` would install them anew, into the folder that the desk shares with this checkout.
  const locked = createHash('sha256')
    .update(readFileSync(join(root, 'package-lock.json')))
    .digest('hex')
  const installed = readFileSync(join(root, 'node_modules/.understudy-installed'), 'utf8')
  if (installed !== locked)
    throw new Error('The packages are not those of the lock: node .tooling/ensure-installed.mjs')
  const folder = mkdtempSync(join(tmpdir(), 'understudy-readme-'))
  t.teardown(() => rmSync(folder, { recursive: true, force: true }))
  for (const name of readdirSync(root)) if (name !== 'data') symlinkSync(join(root, name), join(folder, name))
  const home = join(folder, 'home')
  mkdirSync(home)
  // oxlint-disable-next-line node/no-process-env
  const path = `${home}/.npm-global/bin:${process.env['PATH'] ?? ''}`
  const env = {
    HOME: home,
    PATH: path,
    PORT: '0',
    npm_config_prefix: `${home}/.npm-global`,
    npm_config_offline: 'true',
  }
  return { folder, env }
}

async function run({ folder, env }: Desk, line: string, input = ''): Promise<string> {
  // Without the hooks that tap gives the children of a test.
  const ran = promisify(execFile)('env', ['-u', 'NODE_OPTIONS', 'bash', '-c', line], { cwd: folder, env })
  ran.child.stdin?.end(input)
  return (await ran).stdout
}

interface Started {
  address: string
  key: string
  child: ChildProcess
}

/** Starts a gateway by this line; resolves with what it prints for people. */
async function start(t: Test, { folder, env }: Desk, line: string): Promise<Started> {
  const child = spawn('env', ['-u', 'NODE_OPTIONS', 'bash', '-c', `${line} 2>&1`], {
    cwd: folder,
    env,
    detached: true,
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const end = () => {
    if (child.pid !== undefined && child.exitCode === null && child.signalCode === null)
      process.kill(-child.pid, 'SIGKILL')
  }
  t.teardown(end)
  const late = setTimeout(end, startMs)
  let text = ''
  const lines = createInterface({ input: child.stdout })
  for await (const each of lines) {
    text += `${each}\n`
    const address = /listens on (http:\S+)/.exec(text)?.[1]
    const key = /und_[\w-]{40,}/.exec(text)?.[0]
    if (address === undefined || key === undefined) continue
    clearTimeout(late)
    // The pipe stays open, or the gateway would end with the next line that it writes.
    child.stdout.resume()
    return { address, key, child }
  }
  throw new Error(`${line} ended: ${text}`)
}

async function stop({ child }: Started): Promise<void> {
  const exited = once(child, 'exit')
  if (child.pid !== undefined) process.kill(-child.pid, 'SIGTERM')
  await exited
}

t.test(
  'every command of the README does what it says, in the order of the page',
  { timeout: 280_000 },
  async (t) => {
    const desk = makeDesk(t)
    const left = [...commands]
    const next = (begins: string): string => {
      const line = left.shift() ?? ''
      if (!line.startsWith(begins)) throw new Error(`the page goes on with ${line}, and not with ${begins}`)
      return line
    }
    const first = await start(t, desk, next('npm start'))
    const at = (line: string) => line.replaceAll(printed, first.address)
    next('npm test')
    t.match(readFileSync(join(root, '.ci/run'), 'utf8'), /^npm test$/m, 'npm test is a step of CI')
    desk.env['KEY'] = first.key
    const accepted = JSON.parse(await run(desk, at(next('curl -s'))))
    t.match(accepted, { status: 'queued', route: { priority: 'cost' } })

    // What follows needs the command and a login, which the page shows last.
    const from = left.findIndex((line) => line === 'npm link')
    const terminal = left.splice(from, left.findIndex((line) => line.startsWith('understudy mcp')) - from)
    writeFileSync(join(desk.folder, 'clip.mp4'), await aClip({ seconds: 2, width: 320, height: 240 }))
    const ran: Record<string, string> = {}
    for (const line of terminal)
      ran[line.split(' ').slice(0, 2).join(' ')] = await run(
        desk,
        at(line),
        line.startsWith('understudy login') ? `${first.key}\n` : '',
      )
    t.same(Object.keys(ran), [
      'npm link',
      'understudy login',
      'understudy characters',
      'understudy route',
      'understudy generate',
    ])
    t.equal(statSync(join(desk.folder, 'home/.config/understudy/login.json')).mode & 0o777, 0o600)
    t.match(ran['understudy route'], /sim-reverse/)
    t.ok(statSync(join(desk.folder, 'out.mp4')).size > 1000, 'a video')

    writeFileSync(join(desk.folder, 'scenes.yaml'), blocksOf('yaml')[0] ?? '')
    t.match(await run(desk, next('understudy series')), /3 +3 +completed/)
    t.equal(readdirSync(join(desk.folder, 'film')).filter((name) => name.endsWith('.mp4')).length, 3)

    const checks = next('npm start -- --check-config')
    const starts = next('npm start -- --config')
    desk.env['OPENROUTER_API_KEY'] = 'a-key-that-nobody-has'
    await run(desk, 'understudy init --preset openrouter --key-env OPENROUTER_API_KEY')
    t.match(await run(desk, checks), /is ok/)
    await stop(first)
    rmSync(join(desk.folder, 'data'), { recursive: true, force: true })
    await stop(await start(t, desk, starts))

    const mcp = next('understudy mcp')
    mkdirSync(join(desk.folder, 'home/Videos/understudy'), { recursive: true })
    const hello = {
      jsonrpc: '2.0',
      id: 1,
      method: 'initialize',
      params: { protocolVersion: '2025-06-18', capabilities: {}, clientInfo: { name: 'test', version: '1' } },
    }
    const again = await start(t, desk, commands[0] ?? '')
    await run(desk, `understudy login ${again.address}`, `${again.key}\n`)
    t.match(await run(desk, mcp, `${JSON.stringify(hello)}\n`), /"serverInfo"/)
    await stop(again)
    t.same(left, [], 'no command was left out')
  },
)
