import type { LookupFunction } from 'node:net'
import type { Test } from 'tap'
import { lookupOf } from '../../src/gateway/upstreams/transport/guard/lookup.ts'
import { NameError } from '../../src/gateway/upstreams/transport/guard/resolver.ts'
import type { Resolver } from '../../src/gateway/upstreams/transport/guard/resolver.ts'
import type { Zone } from '../fixtures/zone.ts'

type Make = (t: Test, zone: Zone, timeoutMs: number) => Promise<Resolver>

const longMs = 20_000
const zone: Zone = {
  'four.example': [['192.0.2.1', '192.0.2.2']],
  'six.example': [['2001:db8::1']],
  'both.example': [['2001:db8::1', '192.0.2.1']],
  'alias.example': [{ cname: 'next.example' }],
  'next.example': [{ cname: 'four.example' }],
  'dangling.example': [{ cname: 'nobody.example' }],
  'empty.example': [[]],
  'gone.example': ['nxdomain'],
  'sick.example': ['servfail'],
  'closed.example': ['refused'],
  'odd.example': ['garbage'],
  'silent.example': ['silence'],
  'moving.example': [['192.0.2.1'], ['10.0.0.1'], 'servfail', 'nxdomain', ['192.0.2.3']],
}
const four = { family: 4 }
const six = { family: 6, address: '2001:db8::1' }

/** What every Resolver guarantees, and what sockets see of it. */
export function resolverContract(t: Test, make: Make): void {
  t.test('a name has the addresses that the servers give, IPv4 before IPv6', async (t) => {
    const resolver = await make(t, zone, longMs)
    const both = [{ ...four, address: '192.0.2.1' }, six]
    t.same(
      new Set((await resolver.resolve('four.example')).map(({ address }) => address)),
      new Set(['192.0.2.1', '192.0.2.2']),
    )
    t.same(await resolver.resolve('six.example'), [six])
    t.same(await resolver.resolve('both.example'), both)
    t.same(await resolver.resolve('Both.EXAMPLE'), both, 'in any case')
    t.same(await resolver.resolve('both.example.'), both, 'and with the dot of a whole name')
    t.equal((await resolver.resolve('alias.example')).length, 2, 'over aliases of aliases')
  })

  t.test('an address is its own answer', async (t) => {
    const resolver = await make(t, {}, longMs)
    t.same(await resolver.resolve('192.0.2.9'), [{ ...four, address: '192.0.2.9' }])
    t.same(await resolver.resolve('2001:db8::1'), [six])
  })

  t.test(
    'a name that does not exist, or has no address, is told from one that cannot be told of',
    async (t) => {
      const resolver = await make(t, zone, longMs)
      const none = ['gone.example', 'nobody.example', 'empty.example', 'dangling.example']
      const impossible = [
        '',
        '.',
        'a..example',
        `${'a'.repeat(64)}.example`,
        `${'a.'.repeat(140)}example`,
        'a b',
        '\0',
      ]
      for (const name of [...none, ...impossible]) {
        t.equal(await refusal(resolver, name), 'ENOTFOUND', JSON.stringify(name.slice(0, 40)))
      }
      for (const name of ['sick.example', 'closed.example', 'odd.example']) {
        t.equal(await refusal(resolver, name), 'EAI_AGAIN', name)
      }
    },
  )

  t.test('servers that are silent end a look-up at its deadline', async (t) => {
    const resolver = await make(t, zone, 100)
    const began = performance.now()
    t.equal(await refusal(resolver, 'silent.example'), 'EAI_AGAIN')
    t.ok(performance.now() - began < 2000)
  })

  t.test('what the servers said before counts for nothing', async (t) => {
    const resolver = await make(t, zone, longMs)
    const next = () => resolver.resolve('moving.example')
    t.match(await next(), [{ address: '192.0.2.1' }])
    t.match(await next(), [{ address: '10.0.0.1' }])
    t.equal(await refusal(resolver, 'moving.example'), 'EAI_AGAIN')
    t.equal(await refusal(resolver, 'moving.example'), 'ENOTFOUND')
    t.match(await next(), [{ address: '192.0.2.3' }])
  })

  t.test('a socket is always called back once, with addresses or with an error', async (t) => {
    const lookup = lookupOf(await make(t, zone, 100))
    for (const all of [true, false]) {
      for (const name of [...Object.keys(zone), 'nobody.example', '']) {
        const [error, ...found] = await called(lookup, name, all)
        if (error !== null) t.type(error, Error, name)
        else t.ok(all ? Array.isArray(found[0]) && found[0].length > 0 : typeof found[0] === 'string', name)
      }
    }
    const refusing = lookupOf(await make(t, zone, longMs), () => {
      throw new Error('not there')
    })
    t.match(await called(refusing, 'four.example', true), [{ message: 'not there' }])
  })
}

async function refusal(resolver: Resolver, name: string): Promise<string> {
  try {
    return `resolved to ${JSON.stringify(await resolver.resolve(name))}`
  } catch (error) {
    return error instanceof NameError ? error.code : `another error: ${String(error)}`
  }
}

/** The arguments of the callback; a second call is an error. */
async function called(lookup: LookupFunction, name: string, all: boolean): Promise<unknown[]> {
  const calls: unknown[][] = []
  const { promise, resolve } = Promise.withResolvers<void>()
  lookup(name, { all }, (...call: unknown[]) => {
    calls.push(call)
    resolve()
  })
  await promise
  await new Promise((turn) => setImmediate(turn))
  if (calls.length !== 1) throw new Error(`called back ${calls.length} times`)
  return calls[0] ?? []
}
