import t from 'tap'
import { startDnsServer } from '../fixtures/dns-server.ts'
import { createResolver } from '../../src/gateway/upstreams/transport/guard/resolver.ts'
import { fakeResolver } from '../fixtures/fake-resolver.ts'
import { bytesOf } from '../contract/media-archive-builders.ts'
import { never, aPeer, redirect, remote, text } from './peer.ts'

t.test('no way of writing a private address leads to a connection', async (t) => {
  const peer = await aPeer(t)
  const resolver = fakeResolver({
    'private.example': [['10.1.2.3']],
    'loopback.example': [['127.0.0.1']],
    'mapped.example': [['::ffff:127.0.0.1']],
    'six.example': [['::1']],
    'metadata.example': [['169.254.169.254']],
    'mixed.example': [['8.8.8.8', '127.0.0.1']],
    'nat64.example': [['64:ff9b::7f00:1']],
  })
  const guarded = remote(t, { allowPrivateHosts: [], resolver })
  const hosts = [
    '127.0.0.1',
    '127.0.0.1.',
    '127.1',
    '127.255.255.254',
    '2130706433',
    '0x7f000001',
    '0x7f.1',
    '017700000001',
    '0177.0.0.1',
    '%31%32%37.0.0.1',
    '①②⑦.0.0.1',
    '127。0。0。1',
    '0.0.0.0',
    '0',
    '[::1]',
    '[::]',
    '[0:0:0:0:0:0:0:1]',
    '[::ffff:127.0.0.1]',
    '[::ffff:7f00:1]',
    '[::127.0.0.1]',
    '[::ffff:0:127.0.0.1]',
    '[64:ff9b::127.0.0.1]',
    '[64:ff9b:1::7f00:1]',
    '[2002:7f00:1::]',
    '[2001:0:7f00:1::]',
    '[fe80::1]',
    '[fc00::1]',
    '[fd00:ec2::254]',
    '[fec0::1]',
    '[ff02::1]',
    '[2001:db8::1]',
    '[100::1]',
    '10.0.0.1',
    '172.16.0.1',
    '172.31.255.255',
    '192.168.1.1',
    '100.64.0.1',
    '169.254.169.254',
    '192.0.0.192',
    '192.0.2.1',
    '198.18.0.1',
    '224.0.0.1',
    '240.0.0.1',
    '255.255.255.255',
    'localhost',
    'localhost.',
    'LOCALHOST',
    'a.localhost',
    'private.example',
    'loopback.example',
    'loopback.example.',
    'mapped.example',
    'six.example',
    'metadata.example',
    'mixed.example',
    'nat64.example',
  ]
  resolver.asked.length = 0
  for (const host of hosts) {
    t.match(await guarded.fetch(`http://${host}:${peer.port}/`, never), { type: 'forbidden' }, host)
    t.match(
      await guarded.fetch(`https://${host}:${peer.port}/`, never),
      { type: 'forbidden' },
      `${host} with TLS`,
    )
  }
  t.equal(peer.sockets.length, 0)
})

t.test('no other scheme and no URL with credentials is fetched', async (t) => {
  const peer = await aPeer(t)
  const guarded = remote(t)
  const at = `127.0.0.1:${peer.port}`
  for (const url of [
    'file:///etc/passwd',
    `ftp://${at}/x`,
    `ws://${at}/x`,
    `gopher://${at}/x`,
    'data:video/mp4;base64,AAAA',
    `blob:http://${at}/x`,
    'javascript:0',
    `http://user@${at}/`,
    `http://user:secret@${at}/`,
    `http://:secret@${at}/`,
    `http://8.8.8.8\\@${at}/`.replace('8.8.8.8', '10.0.0.1'),
  ]) {
    t.match(await guarded.fetch(url, never), { type: 'forbidden' }, url)
  }
  t.equal(peer.sockets.length, 0)
})

t.test('what is no URL, or too long a one, fails', async (t) => {
  const peer = await aPeer(t)
  const guarded = remote(t)
  for (const url of [
    '',
    'video.mp4',
    '//127.0.0.1/x',
    'http://',
    'http://[::1',
    'http://a b/',
    `${peer.url}/${'x'.repeat(9000)}`,
  ]) {
    t.match(await guarded.fetch(url, never), { type: 'failed' }, url.slice(0, 30))
  }
  t.equal(peer.sockets.length, 0)
})

t.test('a redirect is held to the same rules as a URL', async (t) => {
  const locations = [
    'http://127.0.0.1:PORT/secret',
    '//127.0.0.1:PORT/secret',
    'http://2130706433:PORT/secret',
    'http://[::ffff:127.0.0.1]:PORT/secret',
    'http://localhost:PORT/secret',
    'http://inner.example:PORT/secret',
    'http://user:secret@public.example:PORT/secret',
    'file:///etc/passwd',
    'ftp://public.example:PORT/secret',
  ]
  for (const status of [301, 302, 303, 307, 308]) {
    const peer = await aPeer(t, (path, socket) => {
      redirect(
        socket,
        (locations[Number(path.slice(1))] ?? '').replace('PORT', String(socket.localPort)),
        status,
      )
    })
    const resolver = fakeResolver({ 'public.example': [['127.0.0.1']], 'inner.example': [['127.0.0.1']] })
    const guarded = remote(t, { allowPrivateHosts: ['public.example'], resolver })
    for (const [at, location] of locations.entries()) {
      const fetched = await guarded.fetch(`http://public.example:${peer.port}/${at}`, never)
      t.match(fetched, { type: 'forbidden' }, `${status} ${location}`)
    }
    t.equal(peer.sockets.length, locations.length, 'one connection each, and none after a redirect')
  }
})

t.test('the address that was checked is the one connected to, at every connection', async (t) => {
  const peer = await aPeer(t)
  const resolver = fakeResolver({
    'moving.example': [['127.0.0.1'], ['169.254.169.254'], ['127.0.0.1', '10.0.0.1']],
  })
  const guarded = remote(t, { resolver })
  const url = `http://moving.example:${peer.port}/`
  t.equal(await text(guarded.fetch(url, never)), 'hello')
  t.match(await guarded.fetch(url, never), { type: 'forbidden' })
  t.match(await guarded.fetch(url, never), { type: 'forbidden' })
  t.equal(peer.sockets.length, 1)
  t.equal(resolver.asked.length, 3, 'asked once for each connection')
})

t.test('the same holds with a real name server that changes its mind', async (t) => {
  const peer = await aPeer(t)
  const { server } = await startDnsServer(t, {
    'moving.example': [['127.0.0.1'], ['169.254.169.254'], ['127.0.0.1', '10.0.0.1'], [], 'servfail'],
  })
  const guarded = remote(t, { resolver: createResolver({ servers: [server] }) })
  const url = `http://moving.example:${peer.port}/`
  t.equal(await text(guarded.fetch(url, never)), 'hello')
  for (const type of ['forbidden', 'forbidden', 'failed', 'failed'])
    t.match(await guarded.fetch(url, never), { type })
  t.equal(peer.sockets.length, 1)
})

t.test('private hosts that are allowed are reached by name, address and range', async (t) => {
  const peer = await aPeer(t)
  const resolver = fakeResolver({ 'media.internal': [['127.0.0.1']], localhost: [['127.0.0.1']] })
  const table: Array<[string[], string, 'body' | 'forbidden']> = [
    [['127.0.0.1'], '127.0.0.1', 'body'],
    [['127.0.0.0/8'], '127.0.0.1', 'body'],
    [['127.0.0.0/8'], '2130706433', 'body'],
    [['127.0.0.1'], '[::ffff:127.0.0.1]', 'body'],
    [['::ffff:127.0.0.1'], '127.0.0.1', 'body'],
    [['127.0.0.1'], 'media.internal', 'body'],
    [['media.internal'], 'media.internal', 'body'],
    [['Media.Internal.'], 'MEDIA.internal', 'body'],
    [['127.0.0.1'], 'localhost', 'body'],
    [['localhost'], 'localhost', 'body'],
    [['media.internal'], '127.0.0.1', 'forbidden'],
    [['internal'], 'media.internal', 'forbidden'],
    [['127.0.0.2', '10.0.0.0/8', '::1'], '127.0.0.1', 'forbidden'],
    [['0.0.0.0/0'], '[::1]', 'forbidden'],
  ]
  for (const [allowPrivateHosts, host, expected] of table) {
    const guarded = remote(t, { allowPrivateHosts, resolver })
    const fetched = await guarded.fetch(`http://${host}:${peer.port}/`, never)
    t.equal(fetched.type, expected, `${host} with ${allowPrivateHosts.join()}`)
    if (fetched.type === 'body') t.equal((await bytesOf(fetched.body)).toString(), 'hello')
  }
  t.throws(() => remote(t, { allowPrivateHosts: ['10.0.0.0/99'] }))
})
