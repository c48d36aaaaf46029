import t from 'tap'
import { faultsAreReported } from './base.ts'
import type { Fault } from './base.ts'

const FAULTS: Fault[] = [
  [
    'name: studio',
    'name: studio\n      deadline_seconds: 4',
    ['5:7 auth.keys[0].deadline_seconds: unknown key `deadline_seconds`; it belongs in `routing`'],
  ],
  [
    'server: { port: 8787 }',
    'server: { tls: yes }',
    [
      '1:11 server.tls: unknown key `tls`; known here: host, port, public_url, trust_proxy, cors_origins, event_streams, role',
    ],
  ],
  [
    'server: { port: 8787 }',
    'server: { event_streams: 0 }',
    ['1:26 server.event_streams: should be at least 1'],
  ],
  ['port: 8787', 'port: high', ['1:17 server.port: should be a number, not text']],
  ['port: 8787', 'port: 87870', ['1:17 server.port: should be at most 65535']],
  ['port: 8787', 'port: 80.5', ['1:17 server.port: should be a whole number']],
  [
    'port: 8787',
    'host: http://x',
    ['1:17 server.host: should be a host name or an address, without scheme and port'],
  ],
  [
    'port: 8787',
    'cors_origins: [https://app.example/]',
    [
      '1:26 server.cors_origins[0]: should be `*`, or scheme, host and port as a browser sends them, such as https://app.example',
    ],
  ],
  ['port: 8787', 'role: wroker', ['1:17 server.role: should be all, api or worker; did you mean `worker`?']],
  [
    'model: sora-2 }',
    'model: sora-2, fallback: yes }',
    ['7:37 routing.fallback: should be true or false, not text'],
  ],
  ['allow: [official]', 'allow: official', ['6:14 auth.keys[0].allow: should be a list, not text']],
  [
    'key: studio-iFCx2cAmQ1RIHQSm',
    'key: 12345678901234567890',
    ['5:12 auth.keys[0].key: should be text; put it in quotes'],
  ],
  [
    '      allow: [official]',
    '      allow: [official]\n    - { name: studio, key: studio-iFCx2cAmQ1RIHQSm }',
    [
      '7:15 auth.keys[1].name: is already the name of auth.keys[0]',
      '7:28 auth.keys[1].key: is the same secret as that of auth.keys[0]',
    ],
  ],
  [
    'key: studio-iFCx2cAmQ1RIHQSm',
    'key: studio-key',
    [
      '5:12 auth.keys[0].key: should be at least 16 characters long; create one with `openssl rand -base64 32`',
    ],
  ],
  [
    'key: studio-iFCx2cAmQ1RIHQSm',
    'key: "studio-key 0123456789\\n"',
    ['5:12 auth.keys[0].key: should be ASCII without spaces and line breaks'],
  ],
  [
    'name: studio',
    'name: studio\n      scopes: [generate, write]',
    ['5:26 auth.keys[0].scopes[1]: should be generate, read, admin, observe, operate or operate_prompts'],
  ],
  ['name: studio', 'name: studio\n      scopes: []', ['5:15 auth.keys[0].scopes: should not be empty']],
  ['allow: [official]', 'allow: [official, official]', ['6:25 auth.keys[0].allow[1]: is listed twice']],
  [
    'allow: [official]',
    'upstreams: [alpha, bata]\n      models: [sora-2, veo-3, sora2]',
    [
      '6:26 auth.keys[0].upstreams[1]: is not an upstream in this file; did you mean `beta`?',
      '7:24 auth.keys[0].models[1]: no upstream serves this model',
      '7:31 auth.keys[0].models[2]: no upstream serves this model; did you mean `sora-2`?',
    ],
  ],
  ['allow: [official]', 'upstreams: []', ['6:18 auth.keys[0].upstreams: should not be empty']],
  [
    'name: studio',
    'name: studio\n      monthly_budget_usd: lots',
    ['5:27 auth.keys[0].monthly_budget_usd: should be a number, not text'],
  ],
  [
    'routing: { model: sora-2 }',
    'routing: { model: sora-3 }',
    ['7:19 routing.model: no upstream serves this model; did you mean `sora-2`?'],
  ],
  [
    'routing: { model: sora-2 }',
    'routing: { model: veo-3.1-fast }',
    ['7:19 routing.model: no upstream serves this model; they serve sora-2'],
  ],
  [
    'port: 8787',
    'public_url: gateway.example',
    ['1:23 server.public_url: should be a URL that starts with http:// or https://'],
  ],
  [
    'allow: [official]',
    'webhook_secrets: [whsec_short]',
    [
      '6:25 auth.keys[0].webhook_secrets[0]: should be whsec_ and 24 to 64 bytes in base64, such as from `openssl rand -base64 32`',
    ],
  ],
  [
    'allow: [official]',
    'webhook_url: ftp://a.example/',
    ['6:20 auth.keys[0].webhook_url: should be a URL that starts with http:// or https://'],
  ],
  [
    'server: { port: 8787 }',
    'storage: { url: "postgres://u:p@/db" }',
    ['1:17 storage.url: should be postgres://user:password@host:5432/database; the host is missing'],
  ],
  [
    'server: { port: 8787 }',
    'storage: { url: mysql://h/db }',
    [
      '1:17 storage.url: should be sqlite: and a file, such as sqlite:./data/understudy.db, or a postgres:// URL',
    ],
  ],
  [
    'server: { port: 8787 }',
    'storage: { url: "sqlite::memory:" }',
    ['1:17 storage.url: should be a file: an in-memory database loses accepted work'],
  ],
  [
    'server: { port: 8787 }',
    'media: { url: s3://bucket, max_bytes: 0, secret_key: s3cret }',
    [
      '1:15 media.url: needs media.access_key to sign requests; set it, such as to ${S3_ACCESS_KEY}',
      '1:39 media.max_bytes: should be at least 1',
    ],
  ],
  [
    'server: { port: 8787 }',
    'media: { url: "s3://Bucket/a b" }',
    ['1:15 media.url: should be s3://bucket or s3://bucket/prefix, such as s3://videos/understudy'],
  ],
  [
    'server: { port: 8787 }',
    'media: { url: s3://videos, access_key: k, secret_key: s, max_bytes: 100, buffer_bytes: 99 }',
    [
      '1:88 media.buffer_bytes: should be at least media.max_bytes (100): a file is inspected there before it is uploaded',
    ],
  ],
  [
    'server: { port: 8787 }',
    'media: { url: s3://videos, access_key: k, secret_key: s, public_endpoint: "https://cdn.example" }',
    ['1:75 media.public_endpoint: is not used; remove it, or set media.downloads to redirect'],
  ],
  [
    'server: { port: 8787 }',
    'media: { downloads: redirect }',
    ['1:21 media.downloads: is for S3; remove it, or set media.url to s3://bucket/prefix'],
  ],
  [
    'server: { port: 8787 }',
    'media: { region: eu-west-1 }',
    ['1:18 media.region: is for S3; remove it, or set media.url to s3://bucket/prefix'],
  ],
  [
    'server: { port: 8787 }',
    'media: { url: ./data/media }',
    ['1:15 media.url: should be file: and a directory, such as file:./data/media, or s3://bucket/prefix'],
  ],
  [
    'server: { port: 8787 }',
    'fetch: { allow_private_hosts: [127.0.0.1, 10.0.0.0/8, "::1", "http://x", 10.0.0.0/33] }',
    [
      '1:62 fetch.allow_private_hosts[3]: should be a host name, an address or a CIDR range, without scheme and port',
      '1:74 fetch.allow_private_hosts[4]: should be a host name, an address or a CIDR range, without scheme and port',
    ],
  ],
  [
    'server: { port: 8787 }',
    'fetch: { dns_servers: [10.0.0.2, "10.0.0.2:5353", "::1", "[::1]:53", ns.example, "::1:99999", "10.0.0.2:0"] }',
    [
      '1:70 fetch.dns_servers[4]: should be an IP address, or an address and a port such as 10.0.0.2:5353',
      '1:82 fetch.dns_servers[5]: should be an IP address, or an address and a port such as 10.0.0.2:5353',
      '1:95 fetch.dns_servers[6]: should be an IP address, or an address and a port such as 10.0.0.2:5353',
    ],
  ],
  [
    'routing: { model: sora-2 }',
    'routing: { model: sora-2, unknown_hold_seconds: -1, deadline_seconds: 9e9, priority: cheap }',
    [
      '7:49 routing.unknown_hold_seconds: should be at least 0',
      '7:71 routing.deadline_seconds: should be at most 604800',
      '7:86 routing.priority: should be cost or stability',
    ],
  ],
]

t.test('every fault of a section other than the upstreams is reported with its exact place', async (t) => {
  faultsAreReported(t, FAULTS)
})
