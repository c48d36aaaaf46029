import { SignJWT } from 'jose'
import t from 'tap'
import { signatureFault } from '../../src/simulator/credentials/volcengine-signature.ts'
import type { SignedRequest } from '../../src/simulator/credentials/volcengine-signature.ts'
import { holdsToken } from '../../src/simulator/credentials/signed-token.ts'

const pair = {
  accessKey: 'AKLTYWViMTVmZGYzM2E0NDI5Mzk2MDZjNjFmMjc2MjRjMzg',
  secretKey: 'WkRZeE1EQmxPVGhsWWpWak5HVmtNbUUxTXpZeU9UVXlOMlE1TmpZeVlqTQ==',
}
const at = Date.UTC(2025, 2, 29, 18, 9, 37)
const signature = '5e8480ceea12d0000a23c054151c50dd02c1a7dec835004057d19f13d53a7658'
const scope = '20250329/cn-beijing/billing/request'

/** The POST of Volcengine's own page about signatures. */
const documented: SignedRequest = {
  method: 'POST',
  url: '/?Action=ListBill&Version=2022-01-01',
  headers: {
    host: 'billing.volcengineapi.com',
    'x-date': '20250329T180937Z',
    authorization: `HMAC-SHA256 Credential=${pair.accessKey}/${scope}, SignedHeaders=host;x-date, Signature=${signature}`,
  },
  body: Buffer.from('{"Limit":10,"BillPeriod":"2023-08"}'),
}

t.test('the signature of a documented request holds, and of nothing else', async (t) => {
  const given = (changes: Partial<SignedRequest>, headers: SignedRequest['headers'] = {}) => ({
    ...documented,
    ...changes,
    headers: { ...documented.headers, ...headers },
  })
  const { authorization = '' } = documented.headers
  const rows: [what: string, request: SignedRequest, fault: string | null][] = [
    ['as it is', documented, null],
    ['its query in another order', given({ url: '/?Version=2022-01-01&Action=ListBill' }), null],
    ['another body', given({ body: Buffer.from('{"Limit":11}') }), 'SignatureDoesNotMatch'],
    ['another action', given({ url: '/?Action=PayBill&Version=2022-01-01' }), 'SignatureDoesNotMatch'],
    ['another method', given({ method: 'PUT' }), 'SignatureDoesNotMatch'],
    ['another host', given({}, { host: 'elsewhere.example' }), 'SignatureDoesNotMatch'],
    ['another hash of the body', given({}, { 'x-content-sha256': 'ab' }), 'SignatureDoesNotMatch'],
    [
      'another signature',
      given({}, { authorization: authorization.replace(/.{4}$/, '0000') }),
      'SignatureDoesNotMatch',
    ],
    [
      'another day in its scope',
      given({}, { authorization: authorization.replace('/20250329/', '/20250330/') }),
      'SignatureDoesNotMatch',
    ],
    [
      'another account',
      given({}, { authorization: authorization.replace('AKLT', 'AKLX') }),
      'InvalidAccessKey',
    ],
    [
      'an unsigned host',
      given({}, { authorization: authorization.replace('host;', '') }),
      'InvalidAuthorization',
    ],
    ['a bearer token', given({}, { authorization: 'Bearer x' }), 'InvalidAuthorization'],
    ['no date', given({}, { 'x-date': undefined }), 'MissingRequestInfo'],
    ['no signature', given({}, { authorization: undefined }), 'MissingRequestInfo'],
  ]
  for (const [what, request, fault] of rows)
    t.equal(signatureFault(request, 'billing', { ...pair, at }), fault, what)
  t.equal(signatureFault(documented, 'ark', { ...pair, at }), 'SignatureDoesNotMatch', 'another service')
  t.equal(signatureFault(documented, 'billing', { ...pair, secretKey: 'x', at }), 'SignatureDoesNotMatch')
  for (const minutes of [-16, 16])
    t.equal(signatureFault(documented, 'billing', { ...pair, at: at + minutes * 60_000 }), 'InvalidTimestamp')
})

t.test('a token holds for its access key and its time alone', async (t) => {
  const kling = { accessKey: 'ak-1', secretKey: 'sk-of-an-account-in-32-letters-1' }
  const seconds = 1_796_000_000
  const token = (claims: object, secret = kling.secretKey, typ = 'JWT') =>
    new SignJWT({ ...claims })
      .setProtectedHeader({ alg: 'HS256', typ })
      .sign(new TextEncoder().encode(secret))
  const good = { iss: 'ak-1', exp: seconds + 1800, nbf: seconds - 5 }
  const rows: [what: string, token: string, holds: boolean][] = [
    ['as documented', await token(good), true],
    ['another secret', await token(good, 'another-secret'), false],
    ['another account', await token({ ...good, iss: 'ak-2' }), false],
    ['expired', await token({ ...good, exp: seconds - 1 }), false],
    ['not yet', await token({ ...good, nbf: seconds + 5 }), false],
    ['for a day', await token({ ...good, exp: seconds + 86_400 }), false],
    ['without an end', await token({ iss: 'ak-1', nbf: seconds }), false],
    ['nothing', '', false],
    ['unsigned', `${(await token(good)).split('.').slice(0, 2).join('.')}.`, false],
  ]
  for (const [what, each, holds] of rows) t.equal(holdsToken(each, kling, seconds * 1000), holds, what)
})
