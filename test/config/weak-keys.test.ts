import { randomBytes } from 'node:crypto'
import t from 'tap'
import { base, changed, report } from './base.ts'

const weak = [
  'a'.repeat(32),
  '0101010101010101',
  '1234567890123456',
  'passwordpassword',
  'abcabcabcabcabcabcabc',
  'qwertyuiopasdfgh',
  'change-me-change-me',
  'my-super-secret-key',
  'studio-key-0123456789',
]

t.test(
  'a configured key that is easy to guess is refused; how to make one is said, and the key is not',
  async (t) => {
    for (const key of weak) {
      const said = report(changed('studio-iFCx2cAmQ1RIHQSm', '${KEY}'), { KEY: key })
      t.match(said, /auth\.keys\[0\]\.key: is easy to guess; create one with `openssl rand -base64 32`/, key)
      t.notOk(said.includes(key), 'it is not repeated')
      t.match(report(base, { UNDERSTUDY_ADMIN_KEY: key }), /UNDERSTUDY_ADMIN_KEY: is easy to guess/, key)
    }
  },
)

t.test('keys as generators make them are taken', async (t) => {
  for (let each = 0; each < 5; each++) {
    for (const key of [
      randomBytes(32).toString('base64'),
      randomBytes(16).toString('hex'),
      randomBytes(18).toString('base64url'),
    ]) {
      t.equal(report(changed('studio-iFCx2cAmQ1RIHQSm', '${KEY}'), { KEY: key }), 'ok')
    }
  }
})
