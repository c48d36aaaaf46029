import { join } from 'node:path'
import t from 'tap'
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

t.test('stdout has nothing but the protocol', async (t) => {
  const { run } = await world(t, 'http://127.0.0.1:9')
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
  const { code, out } = await run(['mcp'], { stdin: `${JSON.stringify(initialize)}\nnot the protocol\n` })
  t.equal(code, 0)
  for (const line of out.split('\n').filter((each) => each !== ''))
    t.match(JSON.parse(line), { jsonrpc: '2.0' })
})
