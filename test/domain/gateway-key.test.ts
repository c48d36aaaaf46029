import t from 'tap'
import { keyStateOf, opens, revoke, rotate } from '../../src/gateway/domain/accounts/gateway-key.ts'
import type { GatewayKey, KeySecret } from '../../src/gateway/domain/accounts/gateway-key.ts'
import { aKey, aSecret } from '../fixtures/key.ts'
import { START } from '../fixtures/generation.ts'

function open(key: GatewayKey, at: number): string[] {
  return key.secrets.filter((secret: KeySecret) => opens(key, secret, at)).map(({ hint }) => hint)
}

t.test('a key is active until the instant at which it expires', (t) => {
  const key = aKey({ expiresAt: START + 10 })
  t.equal(keyStateOf(key, START + 9), 'active')
  t.equal(keyStateOf(key, START + 10), 'expired')
  t.same(open(key, START + 9), ['one'])
  t.same(open(key, START + 10), [])
  t.end()
})

t.test('after a rotation both secrets open, the old one until its grace is over', (t) => {
  const key = rotate(aKey(), aSecret('two'), START + 10)
  t.same(open(key, START + 9), ['two', 'one'])
  t.same(open(key, START + 10), ['two'])
  t.end()
})

t.test('of three secrets the oldest opens no longer, however long its grace was', (t) => {
  const key = rotate(rotate(aKey(), aSecret('two'), START + 1000), aSecret('three'), START + 10)
  t.same(open(key, START), ['three', 'two'])
  t.same(open(key, START + 10), ['three'])
  t.end()
})

t.test('without a grace the old secret is shut out at once', (t) => {
  t.same(open(rotate(aKey(), aSecret('two'), START), START), ['two'])
  t.end()
})

t.test('a revoked key opens nothing, and stays as it was revoked', (t) => {
  const key = revoke(rotate(aKey(), aSecret('two'), START + 10), START)
  t.same(open(key, START), [])
  t.equal(keyStateOf(key, START), 'revoked')
  t.equal(revoke(key, START + 5), key)
  t.end()
})
