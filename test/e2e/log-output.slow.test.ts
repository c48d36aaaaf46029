import { execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, constants, openSync } from 'node:fs'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import type { Test } from 'tap'
import { startSimulator } from '../../src/simulator/simulator.ts'
import { freePort } from '../fixtures/free-port.ts'
import { healthy, startWithOutput } from '../fixtures/process-outputs.ts'
import { configText, official, reverse } from './gateway.ts'

const upstreams = [reverse, official]

async function start(t: Test, outputIn: (directory: string) => number) {
  const directory = await mkdtemp(join(tmpdir(), 'understudy-log-'))
  const simulator = await startSimulator({ upstreams })
  const port = await freePort()
  const file = join(directory, 'understudy.yaml')
  const text = configText(simulator, upstreams, directory)
  await writeFile(file, text.replace('port: 0', `port: ${port}`))
  const output = outputIn(directory)
  const child = startWithOutput(file, output)
  t.teardown(async () => {
    child.kill('SIGKILL')
    await simulator.close()
    await rm(directory, { recursive: true, force: true })
  })
  const address = `http://127.0.0.1:${port}`
  await healthy(address, 20_000)
  return { child, address }
}

/** More lines than a pipe holds. */
async function makeLines(address: string): Promise<void> {
  for (let round = 0; round < 30; round++) {
    await Promise.all(
      Array.from({ length: 50 }, async () => (await fetch(`${address}/nothing`)).arrayBuffer()),
    )
  }
}

async function holdsNothingUp(t: Test, { child, address }: Awaited<ReturnType<typeof start>>) {
  await makeLines(address)
  t.ok((await healthy(address, 5000)) < 1000)
  const asked = performance.now()
  const ended = once(child, 'exit')
  child.kill('SIGTERM')
  t.same(await ended, [0, null])
  t.ok(performance.now() - asked < 8000, 'and it ends in time')
}

t.test('a full disk under the log holds nothing up', async (t) => {
  await holdsNothingUp(t, await start(t, () => openSync('/dev/full', 'w')))
})

t.test('a reader of the log that stops holds nothing up', async (t) => {
  const started = await start(t, (directory) => {
    const pipe = join(directory, 'log')
    execFileSync('mkfifo', [pipe])
    const reader = openSync(pipe, constants.O_RDONLY | constants.O_NONBLOCK)
    t.teardown(() => closeSync(reader))
    return openSync(pipe, constants.O_WRONLY)
  })
  await holdsNothingUp(t, started)
})

t.test('where standard output is no terminal, it holds JSON lines alone, from start to stop', async (t) => {
  const directory = await mkdtemp(join(tmpdir(), 'understudy-log-'))
  const output = join(directory, 'out')
  const { child } = await start(t, () => openSync(output, 'w'))
  t.teardown(() => rm(directory, { recursive: true, force: true }))
  const ended = once(child, 'exit')
  child.kill('SIGTERM')
  await ended
  const text = await readFile(output, 'utf8')
  const lines = text
    .trim()
    .split('\n')
    .map((line): unknown => JSON.parse(line))
  const digest = { version: /^\d+\.\d+\.\d+/, configuration: /^[0-9a-f]{12}$/ }
  t.match(lines[1], { msg: /^Understudy listens on http:/, pid: child.pid, ...digest })
  t.match(lines.at(-2), { msg: 'Understudy is stopping', signal: 'SIGTERM', ...digest })
  t.match(lines.at(-1), { msg: 'Understudy has stopped', ...digest })
})
