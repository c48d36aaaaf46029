import { lookup } from 'node:dns/promises'
import { readFile, writeFile } from 'node:fs/promises'
import { hostname } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import type { Test } from 'tap'
import { createResolver } from '../../src/gateway/upstreams/transport/guard/resolver.ts'
import type { ResolverOptions } from '../../src/gateway/upstreams/transport/guard/resolver.ts'
import {
  candidates,
  createFileView,
  parseHosts,
  parseSearchRules,
} from '../../src/gateway/upstreams/transport/guard/system-names.ts'
import { resolverContract } from '../contract/resolver.suite.ts'
import { startDnsServer } from '../fixtures/dns-server.ts'
import { fakeResolver } from '../fixtures/fake-resolver.ts'
import type { Zone } from '../fixtures/zone.ts'

async function aResolver(
  t: Test,
  zone: Zone,
  options: ResolverOptions = {},
  files: Record<string, string> = {},
) {
  const { server, asked } = await startDnsServer(t, zone)
  const directory = t.testdir(files)
  const resolver = createResolver({
    servers: [server],
    hostsFile: join(directory, 'hosts'),
    resolvConf: join(directory, 'resolv.conf'),
    ...options,
  })
  t.teardown(() => resolver.close())
  return { resolver, asked }
}

t.test('the resolver of the tests', async (t) => {
  resolverContract(t, async (_, zone, timeoutMs) => fakeResolver(zone, timeoutMs))
})

t.test('the resolver of the gateway, with a real name server', async (t) => {
  resolverContract(t, async (t, zone, timeoutMs) => (await aResolver(t, zone, { timeoutMs })).resolver)
})

t.test('names of the hosts file and of this machine are not asked for', async (t) => {
  const hosts = '192.0.2.7\tvideo.internal video # ours\n::1 six\n127.0.0.1 localhost\nnonsense here\n'
  const { resolver, asked } = await aResolver(t, {}, {}, { hosts })
  const addresses = async (name: string) => (await resolver.resolve(name)).map(({ address }) => address)
  t.same(await addresses('VIDEO'), ['192.0.2.7'])
  t.same(await addresses('video.internal.'), ['192.0.2.7'])
  t.same(await addresses('six'), ['::1'])
  t.same(await addresses('localhost'), ['127.0.0.1'])
  t.same(await addresses('a.localhost'), ['127.0.0.1', '::1'])
  t.same(asked, [])
})

t.test('a short name is looked for in the domains of the system', async (t) => {
  const zone: Zone = { 'vllm.default.svc.example': [['192.0.2.1']], 'api.example.com': [['192.0.2.2']] }
  const conf = 'nameserver 192.0.2.53\nsearch other.example default.svc.example.\noptions ndots:2 timeout:1\n'
  const { resolver, asked } = await aResolver(t, zone, {}, { 'resolv.conf': conf })
  t.match(await resolver.resolve('vllm'), [{ address: '192.0.2.1' }])
  t.match(await resolver.resolve('api.example.com'), [{ address: '192.0.2.2' }])
  await t.rejects(resolver.resolve('vllm.'), { code: 'ENOTFOUND' })
  t.same(asked, ['vllm.other.example', 'vllm.default.svc.example', 'api.example.com', 'vllm'])
})

t.test('the order in which a name is looked for is that of the system', async (t) => {
  const rules = { domains: ['a.example', 'b.example'], ndots: 2 }
  t.same(candidates('x', rules), ['x.a.example', 'x.b.example', 'x'])
  t.same(candidates('x.y', rules), ['x.y.a.example', 'x.y.b.example', 'x.y'])
  t.same(candidates('x.y.z', rules), ['x.y.z', 'x.y.z.a.example', 'x.y.z.b.example'])
  t.same(candidates('x.', rules), ['x'])
  t.same(candidates('x.y', { domains: [], ndots: 1 }), ['x.y'])
  t.same(
    parseSearchRules('domain one.example\nsearch Two.example. # why\n; search no\noptions rotate ndots:99'),
    {
      domains: ['two.example'],
      ndots: 15,
    },
  )
  t.same(parseSearchRules(''), { domains: [], ndots: 1 })
  t.equal(parseSearchRules(`search ${'a '.repeat(20)}`).domains.length, 6)
  t.same(
    [...parseHosts('1.1.1.1 a a\r\n1.1.1.1 A\n::1 a b\n#2.2.2.2 a\n999.1.1.1 c\n\n3.3.3.3')],
    [
      ['a', ['1.1.1.1', '::1']],
      ['b', ['::1']],
    ],
  )
})

t.test('a file of the system that changes is read again, and is not looked at all the time', async (t) => {
  const file = join(t.testdir(), 'hosts')
  let now = 0
  let changes = 0
  const view = createFileView({ file, parse: String, onChange: () => (changes += 1), now: () => now })
  t.same(await Promise.all([view(), view()]), ['', ''], 'it need not be there')
  await writeFile(file, 'one')
  t.equal(await view(), '')
  now += 5000
  t.same(await Promise.all([view(), view()]), ['one', 'one'], 'whoever asks while it is read waits')
  now += 5000
  t.equal(await view(), 'one')
  t.equal(changes, 1)
})

t.test('slow names hold up no other name and no file', async (t) => {
  const names = Array.from({ length: 200 }, (_, index) => `slow-${index}.example`)
  const zone: Zone = Object.fromEntries([
    ...names.map((name) => [name, ['silence']]),
    ['good.example', [['192.0.2.1']]],
  ])
  const { resolver, asked } = await aResolver(t, zone, { timeoutMs: 1000 })
  const slow: Promise<unknown>[] = []
  for (const name of names) {
    slow.push(resolver.resolve(name).catch(() => 'given up'))
    // The server reads in between: what does not fit into its socket's buffer is lost.
    while (asked.length < slow.length) await new Promise((turn) => setImmediate(turn))
  }
  const began = performance.now()
  await resolver.resolve('good.example')
  await readFile(new URL(import.meta.url))
  t.ok(performance.now() - began < 500)
  t.same(new Set(await Promise.all(slow)), new Set(['given up']))
})

t.test('names under way are bounded; many who wait for one name are one look-up', async (t) => {
  const zone: Zone = {
    'slow.example': ['silence'],
    'slower.example': ['silence'],
    'good.example': [['192.0.2.1']],
  }
  const { resolver } = await aResolver(t, zone, { timeoutMs: 200, concurrency: 2 })
  const slow = Promise.allSettled(
    ['slow.example', 'slower.example', 'slow.example', 'SLOW.example'].map((name) => resolver.resolve(name)),
  )
  await t.rejects(resolver.resolve('good.example'), { code: 'EAI_AGAIN', message: /Too many/ })
  for (const each of await slow) t.match(each, { reason: { message: /in time/ } })
})

t.test('what the DNS does not know is asked of the system, where that is wanted', async (t) => {
  const known = await lookup(hostname(), { all: true }).catch(() => [])
  if (known.length === 0) {
    t.pass('this machine does not know its own name')
    return
  }
  const { resolver } = await aResolver(t, {}, { asksSystem: true })
  t.equal((await resolver.resolve(hostname())).length, known.length)
  await t.rejects((await aResolver(t, {})).resolver.resolve(hostname()), { code: 'ENOTFOUND' })
})
