import { mkdirSync, realpathSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Client } from '@modelcontextprotocol/client'
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio'
import type { Test } from 'tap'
import { keys } from '../../e2e/gateway.ts'

const main = new URL('../../../src/cli/main.ts', import.meta.url).pathname

/** The patience of a call on a busy machine. */
const callMs = 200_000

export interface ToolAnswer {
  isError: boolean
  /** What the tool answered, of any shape. */
  body: any
}

export interface Connected {
  client: Client
  root: string
  /** Everything that the server has written and the client has read. */
  told: () => string
  /** What the client could not read as the protocol. */
  faults: Error[]
  call: (name: string, args?: Record<string, unknown>) => Promise<ToolAnswer>
}

/** `understudy mcp` as a process, whose key is in the login file, and the client of the SDK on its stdin and stdout. */
export async function connect(
  t: Test,
  address: string,
  flags: readonly string[],
  { isModern = false }: { isModern?: boolean } = {},
): Promise<Connected> {
  const home = realpathSync(t.testdir())
  const root = join(home, 'root')
  const settings = join(home, 'settings', 'understudy')
  for (const each of [root, settings]) mkdirSync(each, { recursive: true, mode: 0o700 })
  const login = JSON.stringify({ url: address, key: keys.studio })
  writeFileSync(join(settings, 'login.json'), login, { mode: 0o600 })

  const said: string[] = []
  const faults: Error[] = []
  const transport = new StdioClientTransport({
    command: process.execPath,
    args: [main, 'mcp', ...flags.map((flag) => (flag === 'ROOT' ? root : flag))],
    env: { HOME: home, XDG_CONFIG_HOME: join(home, 'settings') },
    cwd: home,
    stderr: 'pipe',
  })
  transport.stderr?.on('data', (bytes: Buffer) => said.push(bytes.toString()))
  const client = new Client(
    { name: 'test', version: '1.0.0' },
    isModern ? { versionNegotiation: { mode: { pin: '2026-07-28' } } } : {},
  )
  Object.assign(client, { onerror: (error: Error) => faults.push(error) })
  await client.connect(transport, { timeout: callMs })
  t.teardown(() => client.close())

  return {
    client,
    root,
    faults,
    told: () => said.join(''),
    async call(name, args = {}) {
      const result = await client.callTool({ name, arguments: args }, { timeout: callMs })
      said.push(JSON.stringify(result))
      const [first] = result.content
      const words = first?.type === 'text' ? first.text : ''
      const isError = result.isError === true
      // Faults of the arguments are found by the SDK, and have no structure.
      return { isError, body: words.startsWith('{') ? JSON.parse(words) : words }
    },
  }
}
