import { createHash, createHmac } from 'node:crypto'
import { jwtVerify } from 'jose'
import t from 'tap'
import { signWith } from '../../src/gateway/upstreams/signing/signature.ts'
import { volcengineAuthorization } from '../../src/gateway/upstreams/signing/volcengine-v4.ts'

const at = Date.UTC(2026, 10, 27, 8, 5, 9)
const documentedPair = {
  accessKey: 'AKLTYWViMTVmZGYzM2E0NDI5Mzk2MDZjNjFmMjc2MjRjMzg',
  secretKey: 'WkRZeE1EQmxPVGhsWWpWak5HVmtNbUUxTXpZeU9UVXlOMlE1TmpZeVlqTQ==',
}
const sha256 = (text: string) => createHash('sha256').update(text).digest('hex')

/** The requests of Volcengine's own page about signatures, and what it says they come to. */
const documented = [
  {
    method: 'GET',
    host: 'iam.volcengineapi.com',
    path: '/?Action=ListUsers&Version=2018-01-01&Limit=10&Offset=0',
    service: 'iam',
    date: '20240619T071306Z',
    body: '',
    signature: 'e31c4558bcfe08a286001f59cedbf0791ffd0b2362f10e55ee2627467bcdde93',
  },
  {
    method: 'GET',
    host: 'billing.volcengineapi.com',
    path: '/?Action=QueryBalanceAcct&Version=2022-01-01',
    service: 'billing',
    date: '20250329T180937Z',
    body: '',
    signature: '1eda9e7e6b1728151a8e8791fdaf67cfbd28bd5c80d0fce2eb208746cf483105',
  },
  {
    method: 'POST',
    host: 'billing.volcengineapi.com',
    path: '/?Action=ListBill&Version=2022-01-01',
    service: 'billing',
    date: '20250329T180937Z',
    body: '{"Limit":10,"BillPeriod":"2023-08"}',
    signature: '5e8480ceea12d0000a23c054151c50dd02c1a7dec835004057d19f13d53a7658',
  },
]

for (const { method, host, path, service, date, body, signature } of documented)
  t.test(`a ${method} of the service ${service} is signed as Volcengine's page has it`, (t) => {
    const request = { method, path, headers: { host, 'x-date': date }, bodyHash: sha256(body) }
    t.equal(
      volcengineAuthorization(request, { service, region: 'cn-beijing' }, { pair: documentedPair, date }),
      `HMAC-SHA256 Credential=${documentedPair.accessKey}/${date.slice(0, 8)}/cn-beijing/${service}/request, ` +
        `SignedHeaders=host;x-date, Signature=${signature}`,
    )
    t.end()
  })

t.test("odd characters in a query and a body are signed as Volcengine's own client does", (t) => {
  // Recorded from the signer of `@volcengine/openapi` 1.36.2 for the same request.
  const bodyHash = '8d7b2838159a75dbce5ad3d47ce6680ff55fd4bba56da39e0c3c6c3438af3a6c'
  t.equal(sha256(JSON.stringify({ Name: '琥珀 amber', GroupType: 'AIGC' })), bodyHash)
  const date = '20261127T080509Z'
  const request = {
    method: 'POST',
    path: '/?a-b=it%27s%20(a)%20test*&a=1%202&Version=2024-01-01&Action=CreateAssetGroup',
    headers: { 'x-date': date, host: 'ark.ap-southeast-1.byteplusapi.com', 'x-content-sha256': bodyHash },
    bodyHash,
  }
  const pair = { accessKey: 'AKLTexample', secretKey: 'c2VjcmV0LWtleQ==' }
  t.match(
    volcengineAuthorization(request, { service: 'ark', region: 'ap-southeast-1' }, { pair, date }),
    'Signature=f816d1bd77220360bf2481d8d3d523269ec98a58094ed16ed5286e73b14dbb60',
  )
  t.end()
})

t.test(
  'a signed request carries its date and the hash of its body, and a change of either changes it',
  async (t) => {
    const sign = signWith({ scheme: 'volcengine-v4', service: 'ark', region: 'cn-beijing' }, documentedPair)
    const request = {
      method: 'POST',
      host: 'open.volcengineapi.com',
      path: '/?Action=GetAsset&Version=2024-01-01',
      contentType: 'application/json',
      body: Buffer.from('{"Id":"asset-1"}'),
    }
    const headers = await sign(request, at)
    t.equal(headers['x-date'], '20261127T080509Z')
    t.equal(headers['x-content-sha256'], sha256('{"Id":"asset-1"}'))
    t.match(headers['authorization'], 'SignedHeaders=content-type;host;x-content-sha256;x-date, ')
    const others = [
      sign({ ...request, body: Buffer.from('{"Id":"asset-2"}') }, at),
      sign({ ...request, path: '/?Action=DeleteAsset&Version=2024-01-01' }, at),
      sign({ ...request, host: 'elsewhere.example' }, at),
      sign({ ...request, method: 'GET' }, at),
      sign(request, at + 1000),
    ]
    for (const other of await Promise.all(others)) t.not(other['authorization'], headers['authorization'])
  },
)

t.test(
  'a token is what its vendor documents: the access key, 30 minutes, and HS256 of the secret key',
  async (t) => {
    const pair = { accessKey: 'ak-1', secretKey: 'sk-of-an-account-in-32-letters-1' }
    const { authorization = '' } = await signWith({ scheme: 'hs256-token' }, pair)(
      { method: 'GET', host: 'api.example', path: '/', contentType: null, body: Buffer.alloc(0) },
      at + 999,
    )
    const token = authorization.replace(/^Bearer /, '')
    const [head = '', payload = '', signature] = token.split('.')
    const seconds = at / 1000
    t.same(JSON.parse(Buffer.from(head, 'base64url').toString()), { alg: 'HS256', typ: 'JWT' })
    t.same(JSON.parse(Buffer.from(payload, 'base64url').toString()), {
      iss: 'ak-1',
      exp: seconds + 1800,
      nbf: seconds - 5,
    })
    t.equal(signature, createHmac('sha256', pair.secretKey).update(`${head}.${payload}`).digest('base64url'))
    const secret = new TextEncoder().encode(pair.secretKey)
    t.equal((await jwtVerify(token, secret, { currentDate: new Date(at) })).payload.iss, 'ak-1')
    await t.rejects(jwtVerify(token, secret, { currentDate: new Date(at + 1_801_000) }), {
      code: 'ERR_JWT_EXPIRED',
    })
  },
)
