import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import type { Test } from 'tap'
import { keys } from '../e2e/gateway.ts'
import { receivedText } from '../fixtures/received-text.ts'

const main = new URL('../../src/cli/main.ts', import.meta.url).pathname

export interface Ended {
  code: number | null
  signal: string | null
  out: string
  err: string
}

export interface Running {
  child: ChildProcess
  /** The output on standard error so far. */
  err: () => string
  ended: Promise<Ended>
}

export interface Workspace {
  folder: string
  /** Writes a scenes file; returns its path. */
  write(text: string | Buffer, name?: string): Promise<string>
  /** Runs the command line as a process in the folder. */
  start(args: string[], env?: Record<string, string>): Running
  run(args: string[], env?: Record<string, string>): Promise<Ended>
}

/** A folder for using the command line with the gateway at `address`. */
export async function workspaceAt(t: Test, address: string): Promise<Workspace> {
  const folder = await mkdtemp(join(tmpdir(), 'understudy-scenes-'))
  t.teardown(() => rm(folder, { recursive: true, force: true }))
  function start(args: string[], env: Record<string, string> = {}): Running {
    const child = spawn(process.execPath, [main, ...args], {
      cwd: folder,
      env: {
        PATH: dirname(process.execPath),
        HOME: folder,
        UNDERSTUDY_URL: address,
        UNDERSTUDY_API_KEY: keys.studio,
        ...env,
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    t.teardown(() => child.kill('SIGKILL'))
    const texts = { out: '', err: '' }
    child.stdout.setEncoding('utf8').on('data', (text: string) => (texts.out += text))
    child.stderr.setEncoding('utf8').on('data', (text: string) => (texts.err += text))
    const ended = once(child, 'close').then(([code, signal]) => ({ code, signal, ...texts }))
    return { child, err: () => texts.err, ended }
  }
  return {
    folder,
    async write(text, name = 'scenes.yaml') {
      await writeFile(join(folder, name), text)
      return name
    },
    start,
    run: (args, env) => start(args, env).ended,
  }
}

/** Checks repeatedly until it holds, within far more time than it needs. */
export async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  for (let tries = 0; tries < 2400; tries++) {
    if (await holds()) return
    await pause(25)
  }
  throw new Error('did not come to hold')
}

export interface Door {
  address: string
  /** `held`: creating requests are not forwarded. `unanswered`: they are, and their responses are dropped. */
  mode: 'open' | 'held' | 'unanswered'
  /** Requests that create and were passed on and answered, or held. */
  posts: number
}

/** A proxy in front of a gateway. */
export async function startDoor(t: Test, address: string): Promise<Door> {
  const pass: (request: IncomingMessage, response: ServerResponse) => Promise<void> = async (
    request,
    response,
  ) => {
    const asked = await receivedText(request)
    if (asked === null) return
    const { method = 'GET', url = '/', headers } = request
    const isCreate = method === 'POST' && url === '/series'
    if (isCreate && door.mode === 'held') {
      door.posts += 1
      return
    }
    const names = ['authorization', 'content-type', 'idempotency-key']
    const passed = await fetch(`${address}${url}`, {
      method,
      headers: names.flatMap((name): Array<[string, string]> =>
        typeof headers[name] === 'string' ? [[name, headers[name]]] : [],
      ),
      ...(asked !== '' && { body: asked }),
    })
    const body = Buffer.from(await passed.arrayBuffer())
    if (isCreate) door.posts += 1
    if (isCreate && door.mode === 'unanswered') return
    response
      .writeHead(passed.status, { 'content-type': passed.headers.get('content-type') ?? 'text/plain' })
      .end(body)
  }
  const server = createServer((request, response) => {
    // What fails is a connection that was cut.
    void pass(request, response).catch(() => response.destroy())
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => {
    server.closeAllConnections()
    server.close()
  })
  const at = server.address()
  if (at === null || typeof at === 'string') throw new Error('no port')
  const door: Door = { address: `http://127.0.0.1:${at.port}`, mode: 'open', posts: 0 }
  return door
}
