import t from 'tap'
import { digestOf, sharedDigestOf } from '../../src/gateway/config/digest.ts'
import { accepted, base, changed } from './base.ts'

const { config } = accepted(base)

t.test(
  'nodes of one installation may listen and connect to different places, and do different work',
  async (t) => {
    const files = {
      port: changed('port: 8787', 'port: 8788'),
      role: `${changed('port: 8787', 'role: api')}storage: { url: 'postgres://gateway:x@db/understudy' }\n`,
      folder: `${base}media: { url: 'file:/mnt/other' }\n`,
      metrics: `${base}metrics: { listen: '127.0.0.1:9464' }\n`,
    }
    for (const [name, file] of Object.entries(files)) {
      const other = accepted(file).config
      t.not(digestOf(other), digestOf(config), name)
      t.equal(sharedDigestOf(other), sharedDigestOf(config), name)
    }
  },
)

t.test('what a request gets is to be the same on every node', async (t) => {
  const files = {
    upstream: changed('per_request_usd: 0.12', 'per_request_usd: 0.13'),
    key: changed('allow: [official]', 'allow: [reverse]'),
    routing: changed('model: sora-2 }', 'model: sora-2, fallback: false }'),
    retention: `${base}retention: { events_days: 30 }\n`,
    bucket: `${base}media: { url: 's3://videos', access_key: a, secret_key: b }\n`,
  }
  for (const [name, file] of Object.entries(files))
    t.not(sharedDigestOf(accepted(file).config), sharedDigestOf(config), name)
})
