import t from 'tap'
import { createAccountOf } from '../../src/gateway/upstreams/account-of.ts'
import { settings } from './fixtures.ts'

const accountOf = createAccountOf('the secret of this installation')
const at = (changes: Parameters<typeof settings>[0]) => accountOf(settings({ apiKey: 'sk-1', ...changes }))

t.test('an account is an origin with its path, and a credential', async (t) => {
  const base = at({ baseUrl: 'https://a.example/v1' })
  t.equal(base.origin, 'https://a.example/v1')
  for (const baseUrl of ['https://a.example/v1/', 'https://A.example:443/v1', 'https://u:p@a.example/v1?x=1'])
    t.same(at({ baseUrl }), base, baseUrl)
  for (const baseUrl of ['http://a.example/v1', 'https://a.example:8443/v1', 'https://a.example'])
    t.not(at({ baseUrl }).origin, base.origin, baseUrl)
})

t.test(
  'another key, organisation or header with a key is another account; another header is not',
  async (t) => {
    const { credential } = at({})
    t.not(at({ apiKey: 'sk-2' }).credential, credential)
    t.not(at({ headers: { 'X-Org-Project': 'one' } }).credential, credential)
    t.equal(at({ headers: { 'X-Trace': 'one' } }).credential, credential)
    t.equal(at({ apiKey: null }).credential, null)
    const pair = at({ apiKey: null, keyPair: { accessKey: 'ak', secretKey: 'one' } }).credential
    t.type(pair, 'string')
    t.not(at({ apiKey: null, keyPair: { accessKey: 'ak', secretKey: 'two' } }).credential, pair)
    t.type(at({ apiKey: null, headers: { 'api-key': 'k' } }).credential, 'string')
  },
)

t.test('nothing of the key is in it, and another installation has another hash', async (t) => {
  const { credential } = at({})
  t.notMatch(credential ?? '', /sk-1/)
  t.not(createAccountOf('of another installation')(settings({ apiKey: 'sk-1' })).credential, credential)
})
