import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import t from 'tap'
import { runCli } from '../../../src/cli/program.ts'
import { keys } from '../../e2e/gateway.ts'
import { world } from '../world.ts'

t.test('the server ends with its input, and starts only with a key, a sum and a folder', async (t) => {
  const address = 'http://127.0.0.1:9'
  const { home, run } = await world(t, address)
  const noKey = { env: { UNDERSTUDY_URL: address } }
  const rows: Array<[number, RegExp, string[], Parameters<typeof run>[1]]> = [
    [0, /serving http:\/\/127\.0\.0\.1:9, at most 1 USD, no files/, [], {}],
    [0, /at most 0 USD, files below \//, ['--max-usd', '0', '--root', home], {}],
    [3, /No API key found/, [], noKey],
    [2, /--max-usd must be between/, ['--max-usd', '-1'], {}],
    [2, /Must be a number/, ['--max-usd', 'much'], {}],
    [2, /is not a folder/, ['--root', join(home, 'none')], {}],
    [2, /unknown option/, ['--key', 'k'], {}],
    [130, /Interrupted|serving/, [], { signal: AbortSignal.abort() }],
  ]
  for (const [code, words, flags, more] of rows) {
    const ended = await run(['mcp', ...flags], more)
    t.same([ended.code, ended.out], [code, ''], `mcp ${flags.join(' ')}`)
    t.match(ended.err, words)
    t.notOk(ended.err.includes(keys.studio), 'the key is not told')
  }
})

/** Runs the server on these bytes; `isOpen`: the input does not end after them. */
async function serve(bytes: Buffer, isOpen: boolean) {
  const [stdin, stdout, stderr] = [new PassThrough(), new PassThrough(), new PassThrough()]
  stdin.write(bytes)
  if (!isOpen) stdin.end()
  const code = await runCli(['mcp'], {
    env: { UNDERSTUDY_URL: 'http://127.0.0.1:9', UNDERSTUDY_API_KEY: keys.studio },
    home: '/nowhere',
    configFolder: '/nowhere',
    stdin,
    stdout,
    stderr,
    signal: new AbortController().signal,
  })
  return { code, out: String(stdout.read() ?? ''), err: String(stderr.read() ?? '') }
}

t.test('stdout has nothing but the protocol, whatever comes in', async (t) => {
  const initialize = {
    jsonrpc: '2.0',
    id: 1,
    method: 'initialize',
    params: {
      protocolVersion: '2025-11-25',
      capabilities: {},
      clientInfo: { name: 'test', version: '1.0.0' },
    },
  }
  const lines = [JSON.stringify(initialize), 'not the protocol', '{"jsonrpc":"1.0"}', '{}', '[]', '']
  const { code, out } = await serve(Buffer.from(lines.join('\n')), false)
  t.equal(code, 0)
  for (const line of out.split('\n').filter((each) => each !== ''))
    t.match(JSON.parse(line), { jsonrpc: '2.0' })
})

t.test('the server ends after a message that is too long, although its input is open', async (t) => {
  const { code, out, err } = await serve(Buffer.alloc(11_000_000, 'a'), true)
  t.same([code, out], [0, ''])
  t.match(err, /Protocol error/)
})
