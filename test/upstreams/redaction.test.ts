import t from 'tap'
import { createRedaction } from '../../src/gateway/upstreams/calls/redaction.ts'

const secret = 'a/very+secret key-"42"'
const forms: Array<[string, string]> = [
  ['as it is', secret],
  ['in JSON', JSON.stringify({ echoed: secret })],
  ['in a query', `https://vendor.test/?k=${encodeURIComponent(secret)}`],
  ['in a query, lower case', encodeURIComponent(secret).replaceAll(/%../g, (code) => code.toLowerCase())],
  ['in a form', String(new URLSearchParams({ k: 'a/very+secret key' }))],
  ['in base64', Buffer.from(secret).toString('base64')],
  ['in base64url', Buffer.from(secret).toString('base64url')],
  ['in hex', Buffer.from(secret).toString('hex')],
  ['after one more byte', Buffer.from(`u${secret}`).toString('base64')],
  ['after a name and a colon', `Basic ${Buffer.from(`me:${secret}`).toString('base64')}`],
  ['between other bytes', Buffer.from(`12345${secret}678`).toString('base64')],
]

function isTold(text: string): boolean {
  const bytes = Buffer.from(secret)
  const decoded = text
    .split(/[^A-Za-z0-9+/=_-]+/)
    .flatMap((word) => [
      Buffer.from(word, 'base64').toString('latin1'),
      Buffer.from(word, 'hex').toString('latin1'),
    ])
  return [text, ...decoded].some((each) => each.includes(bytes.subarray(4, -4).toString('latin1')))
}

t.test('a secret is taken out in every form that a vendor may echo it in', async (t) => {
  const redact = createRedaction([secret, 'a/very+secret key'])
  for (const [name, text] of forms) {
    const clean = redact(`before ${text} after`)
    t.match(clean, /\[key\]/, name)
    t.notOk(isTold(clean), name)
    t.ok(clean.startsWith('before ') && clean.endsWith(' after'), name)
  }
})

t.test('what is no secret stays as it is, and very short texts are none', async (t) => {
  const redact = createRedaction([secret, 'no'])
  for (const text of ['no such job', '{"id":"job_1","status":"queued"}', 'aGVsbG8gd29ybGQ='])
    t.equal(redact(text), text)
})

t.test('signed tokens and signatures are taken out, which nobody configured', async (t) => {
  const redact = createRedaction([])
  const token = 'eyJhbGciOiJIUzI1NiJ9.eyJpc3MiOiJhay0xIn0.c2lnbmF0dXJlLW9mLWl0'
  t.equal(redact(`token ${token} is expired`), 'token [key] is expired')
  const signature = 'e31c4558bcfe08a286001f59cedbf0791ffd0b2362f10e55ee2627467bcdde93'
  t.equal(
    redact(`HMAC-SHA256 Credential=AK/x, Signature=${signature}`),
    'HMAC-SHA256 Credential=AK/x, Signature=[key]',
  )
})
