import t from 'tap'
import type { Client } from '../../src/gateway/domain/accounts/client.ts'
import { clientOfKey, revoke, rotate } from '../../src/gateway/domain/accounts/gateway-key.ts'
import { createKeyring } from '../../src/gateway/services/accounts/authentication.ts'
import { hashOf } from '../../src/gateway/services/accounts/key-secret.ts'
import { START } from '../fixtures/generation.ts'
import { aKey, aSecret } from '../fixtures/key.ts'

const fixed: Client = { ...clientOfKey(aKey()), keyId: 'key_fixed', key: 'fixed' }

function ring() {
  let now = START
  const keyring = createKeyring([{ client: fixed, key: 'fixed-key-0123456789' }], { now: () => now })
  return { keyring, at: (instant: number) => void (now = instant) }
}

const secret = (text: string) => ({ ...aSecret(text), hash: hashOf(text) })

t.test('a secret opens what it belongs to, and nothing near it opens anything', (t) => {
  const { keyring } = ring()
  const key = aKey({ secrets: [secret('made-key-0123456789')] })
  keyring.put(key)
  t.equal(keyring.authenticate('fixed-key-0123456789'), fixed)
  t.strictSame(keyring.authenticate('made-key-0123456789'), clientOfKey(key))
  for (const wrong of [
    '',
    'fixed-key-012345678',
    'fixed-key-01234567890',
    'FIXED-KEY-0123456789',
    hashOf('made-key-0123456789'),
  ])
    t.equal(keyring.authenticate(wrong), null, wrong)
  t.end()
})

t.test('a key is let in by what it is at the moment of the call', (t) => {
  const { keyring, at } = ring()
  const key = rotate(aKey({ secrets: [secret('old')], expiresAt: START + 100 }), secret('new'), START + 10)
  keyring.put(key)
  const opened = () => ['old', 'new'].filter((each) => keyring.authenticate(each) !== null)
  t.same(opened(), ['old', 'new'])
  at(START + 10)
  t.same(opened(), ['new'])
  at(START + 100)
  t.same(opened(), [])
  t.end()
})

t.test('what a key was opened by before it changed opens it no longer', (t) => {
  const { keyring } = ring()
  const first = aKey({ secrets: [secret('one')] })
  keyring.put(first)
  const third = rotate(rotate(first, secret('two'), START + 10), secret('three'), START + 10)
  keyring.put(third)
  t.equal(keyring.authenticate('one'), null)
  t.match(keyring.authenticate('three'), { key: 'marketing' })
  keyring.put(revoke(third, START))
  for (const each of ['one', 'two', 'three']) t.equal(keyring.authenticate(each), null, each)
  t.end()
})
