import { spawn } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import t from 'tap'
import type { Test } from 'tap'

const main = fileURLToPath(new URL('../../src/gateway/main.ts', import.meta.url))
const linked = /(http:\/\/127\.0\.0\.1:\d+)\/console\/#ticket=([\w-]{43})/

function folder(t: Test): string {
  const made = mkdtempSync(join(tmpdir(), 'understudy-'))
  t.teardown(() => rmSync(made, { recursive: true, force: true }))
  return made
}

/** The gateway without a file, with what it prints; on a terminal or into a pipe. */
function start(t: Test, cwd: string, { terminal, env = {} }: { terminal: boolean; env?: object }) {
  const command = `exec ${process.execPath} ${main}`
  const [file, args] = terminal
    ? (['script', ['-qec', command, '/dev/null']] as const)
    : (['sh', ['-c', command]] as const)
  const child = spawn(file, args, {
    cwd,
    env: { PATH: '/usr/local/bin:/usr/bin:/bin', PORT: '0', ...env },
  })
  let seen = ''
  const waiting: Array<() => void> = []
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk: Buffer) => {
      seen += chunk.toString()
      for (const look of waiting) look()
    })
  const closed = new Promise<void>((resolve) => {
    child.on('close', () => resolve())
  })
  t.teardown(async () => {
    child.kill('SIGTERM')
    await closed
  })
  return {
    said: () => seen,
    until: (pattern: RegExp) =>
      new Promise<RegExpExecArray>((resolve, reject) => {
        const look = () => {
          const found = pattern.exec(seen)
          if (found !== null) resolve(found)
        }
        waiting.push(look)
        look()
        void closed.then(() => reject(new Error(`it ended before ${pattern.source}: ${seen}`)))
      }),
  }
}

function exchange(address: string, ticket: string) {
  return fetch(`${address}/console/session`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ ticket }),
  })
}

t.test(
  'a first start on a terminal prints an address that signs in once, and is stored nowhere',
  async (t) => {
    const cwd = folder(t)
    const gateway = start(t, cwd, { terminal: true })
    const [, address = '', ticket = ''] = await gateway.until(linked)
    await gateway.until(/curl -s/)
    const first = await exchange(address, ticket)
    t.equal(first.status, 201)
    t.match(await first.json(), { key: { name: 'local' }, scopes: ['generate', 'read', 'admin'] })
    const [cookie = ''] = (first.headers.get('set-cookie') ?? '').split(';')
    t.equal((await fetch(`${address}/generations`, { headers: { cookie } })).status, 200)
    const second = await exchange(address, ticket)
    t.equal(second.status, 401)
    t.match(await second.json(), { code: 'unauthorized', errors: [{ pointer: '/ticket' }] })
    t.equal(gateway.said().split(ticket).length, 2, 'it is said once')
    for (const file of readdirSync(cwd, { recursive: true, withFileTypes: true }))
      if (file.isFile()) t.notOk(readFileSync(join(file.parentPath, file.name)).includes(ticket), file.name)
  },
)

t.test('without a terminal, or where others can reach it, there is no ticket', async (t) => {
  const piped = start(t, folder(t), { terminal: false })
  await piped.until(/curl -s/)
  const open = start(t, folder(t), { terminal: true, env: { HOST: '0.0.0.0' } })
  await open.until(/curl -s/)
  for (const gateway of [piped, open]) t.notMatch(gateway.said(), 'ticket')
})
