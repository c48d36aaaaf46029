import { once } from 'node:events'
import type { ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import t from 'tap'
import { createResolver } from '../../src/gateway/upstreams/transport/guard/resolver.ts'
import { createTransport } from '../../src/gateway/upstreams/transport/transport.ts'
import type { ApiCall } from '../../src/gateway/upstreams/transport/api-call.ts'
import { closedPort, fakeRemote, json, readUntil, startHttp, startTcp } from './loopback.ts'
import type { Test } from './loopback.ts'

function transportTo(t: Test, baseUrl: string, options: { connectMs?: number } = {}) {
  const transport = createTransport(
    { baseUrl, apiKey: 'secret-key-1', connectMs: 2000, fetchHeadersMs: 2000, fetchIdleMs: 2000, ...options },
    { remoteMedia: fakeRemote(), resolver: createResolver() },
  )
  t.teardown(() => transport.close())
  return transport
}

const create: ApiCall = { method: 'POST', path: '/videos', body: { type: 'json', value: { prompt: 'x' } } }
const poll: ApiCall = { method: 'GET', path: '/videos/v1', body: null }
const file = (chunks: () => AsyncGenerator<Uint8Array>, bytes: number): ApiCall => ({
  method: 'POST',
  path: '/videos',
  body: {
    type: 'multipart',
    parts: [
      { name: 'prompt', value: 'a "quoted"\r\nprompt' },
      {
        name: 'input_reference',
        file: { fileName: 'a"b.png', contentType: 'image/png', bytes, open: chunks },
      },
    ],
  },
})

/** undici lends a connection out again one turn of the event loop after its answer. */
async function idle() {
  await new Promise((resolve) => setImmediate(resolve))
  await new Promise((resolve) => setImmediate(resolve))
}

t.test('what never left this process is not_sent', async (t) => {
  await t.test('a refused connection', async (t) => {
    const transport = transportTo(t, `http://127.0.0.1:${await closedPort()}/v1`)
    t.match(await transport.send(create, 2000), { type: 'not_sent', reason: 'refused' })
  })
  await t.test('a name that does not resolve', async (t) => {
    const transport = transportTo(t, 'http://upstream.invalid/v1')
    t.match(await transport.send(create, 5000), { type: 'not_sent', reason: /dns|connect_timeout|deadline/ })
  })
  await t.test('a TLS handshake with a port that does not speak it', async (t) => {
    const server = await startTcp(t, (socket) =>
      socket.once('data', () => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n')),
    )
    const transport = transportTo(t, `https://127.0.0.1:${server.port}/v1`)
    t.match(await transport.send(create, 2000), { type: 'not_sent', reason: 'tls' })
  })
  await t.test('a TLS handshake that is cut off', async (t) => {
    const server = await startTcp(t, (socket) => socket.once('data', () => socket.resetAndDestroy()))
    const transport = transportTo(t, `https://127.0.0.1:${server.port}/v1`)
    t.match(await transport.send(create, 2000), { type: 'not_sent' })
  })
  await t.test('a TLS handshake that is never answered', async (t) => {
    const server = await startTcp(t, (socket) => socket.resume())
    const transport = transportTo(t, `https://127.0.0.1:${server.port}/v1`, { connectMs: 60 })
    t.match(await transport.send(create, 2000), { type: 'not_sent', reason: 'connect_timeout' })
  })
  await t.test('a deadline that passes before there is a connection', async (t) => {
    const server = await startTcp(t, (socket) => socket.resume())
    const transport = transportTo(t, `https://127.0.0.1:${server.port}/v1`)
    t.match(await transport.send(create, 60), { type: 'not_sent', reason: 'deadline' })
  })
  await t.test(
    'a deadline that passes while every connection is taken, also when one is free later',
    async (t) => {
      const responses: ServerResponse[] = []
      const server = await startHttp(t, (_request, response) => responses.push(response))
      const transport = transportTo(t, server.baseUrl)
      const first = transport.send(create, 20_000)
      const others = Array.from({ length: 255 }, () => transport.send(create, 20_000))
      while (server.seen.length < 256) await idle()
      t.match(await transport.send(create, 60), { type: 'not_sent', reason: 'deadline' })
      json(responses[0]!, 200, {})
      t.match(await first, { type: 'answer' })
      const next = transport.send(create, 20_000)
      while (server.seen.length < 257) await idle()
      json(responses[256]!, 200, {})
      t.match(await next, { type: 'answer' })
      t.equal(server.seen.length, 257, 'the late one never left')
      await transport.close()
      for (const result of await Promise.all(others)) t.match(result, { type: 'no_answer' })
    },
  )
  await t.test('a file that cannot be opened', async (t) => {
    const server = await startHttp(t, (_request, response) => json(response, 200, {}))
    const transport = transportTo(t, server.baseUrl)
    const missing = file(async function* () {
      await Promise.reject(Object.assign(new Error('no such file'), { code: 'ENOENT' }))
      yield Buffer.alloc(1)
    }, 1)
    t.match(await transport.send(missing, 2000), { type: 'not_sent', reason: 'source', message: /ENOENT/ })
    t.equal(server.connections(), 0)
  })
})

t.test('what may have left without an answer is no_answer', async (t) => {
  await t.test('a reset before the request was read to its end', async (t) => {
    const big = 8 * 1024 * 1024
    const server = await startTcp(t, (socket) => socket.once('data', () => socket.resetAndDestroy()))
    const call = file(async function* () {
      for (let sent = 0; sent < big; sent += 65_536) yield Buffer.alloc(65_536)
    }, big)
    t.match(await transportTo(t, server.baseUrl).send(call, 2000), { type: 'no_answer', reason: 'reset' })
    t.equal(server.connections(), 1, 'and it is not tried again')
  })
  await t.test('a reset after the whole request was read', async (t) => {
    const server = await startHttp(t, (_request, _response, socket) => socket.resetAndDestroy())
    t.match(await transportTo(t, server.baseUrl).send(create, 2000), { type: 'no_answer', reason: 'reset' })
    t.equal(server.seen.length, 1, 'and it is not tried again')
  })
  await t.test('a connection closed politely without an answer', async (t) => {
    const server = await startHttp(t, (_request, _response, socket) => socket.end())
    t.match(await transportTo(t, server.baseUrl).send(create, 2000), { type: 'no_answer', reason: 'reset' })
    t.equal(server.seen.length, 1)
  })
  for (const ending of ['end', 'resetAndDestroy'] as const) {
    await t.test(`half an answer, then ${ending}`, async (t) => {
      const server = await startTcp(t, (socket) =>
        readUntil(socket, '}', () => {
          socket.write('HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{"id":"video_1"', () =>
            socket[ending](),
          )
        }),
      )
      const result = await transportTo(t, server.baseUrl).send(create, 2000)
      t.match(result, {
        type: 'no_answer',
        reason: ending === 'end' ? /half_answer|malformed/ : 'half_answer',
      })
    })
  }
  await t.test('half a chunked answer', async (t) => {
    const server = await startTcp(t, (socket) =>
      readUntil(socket, '}', () =>
        socket.end('HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n20\r\n{"id":"video_1"'),
      ),
    )
    t.match(await transportTo(t, server.baseUrl).send(create, 2000), { type: 'no_answer' })
  })
  await t.test('an answer that is not HTTP', async (t) => {
    const server = await startTcp(t, (socket) => readUntil(socket, '}', () => socket.write('SSH-2.0-x\r\n')))
    t.match(await transportTo(t, server.baseUrl).send(create, 2000), {
      type: 'no_answer',
      reason: 'malformed',
    })
  })
  await t.test('no headers in time', async (t) => {
    const server = await startHttp(t, () => undefined)
    t.match(await transportTo(t, server.baseUrl).send(create, 80), { type: 'no_answer', reason: 'timeout' })
  })
  await t.test('headers, and no body in time', async (t) => {
    const server = await startHttp(t, (_request, response) => {
      response.writeHead(200, { 'content-length': '10' })
      response.write('{')
    })
    t.match(await transportTo(t, server.baseUrl).send(create, 80), { type: 'no_answer', reason: 'timeout' })
  })
  await t.test('a file that fails halfway', async (t) => {
    const server = await startHttp(t, (_request, response) => json(response, 200, { id: 'video_1' }))
    const broken = file(async function* () {
      yield Buffer.alloc(1000)
      await Promise.reject(new Error('disk on fire'))
    }, 5000)
    t.match(await transportTo(t, server.baseUrl).send(broken, 2000), { type: 'no_answer' })
    t.equal(server.seen.length, 0, 'the upstream never had a whole request')
  })
  await t.test('what is under way when the transport closes', async (t) => {
    const server = await startHttp(t, () => undefined)
    const transport = transportTo(t, server.baseUrl)
    const sending = transport.send(create, 2000)
    while (server.seen.length === 0) await new Promise((resolve) => setImmediate(resolve))
    await transport.close()
    t.match(await sending, { type: 'no_answer' })
  })
})

t.test('an answer arrives as it was given', async (t) => {
  const server = await startTcp(t, (socket) =>
    readUntil(socket, '}', () =>
      socket.write(
        'HTTP/1.1 103 Early Hints\r\nlink: </x>\r\n\r\nHTTP/1.1 429 Too Many\r\nRetry-After: 3\r\n' +
          'content-length: 15\r\n\r\n{"code":"busy"}',
      ),
    ),
  )
  const result = await transportTo(t, server.baseUrl).send(create, 2000)
  t.match(result, { type: 'answer', status: 429, headers: { 'retry-after': '3' }, body: '{"code":"busy"}' })
})

t.test('an answer that does not wait for the body counts', async (t) => {
  const server = await startTcp(t, (socket) => {
    socket.pause()
    socket.write('HTTP/1.1 401 Unauthorized\r\ncontent-length: 2\r\n\r\n{}')
  })
  const big = 8 * 1024 * 1024
  const call = file(async function* () {
    for (let sent = 0; sent < big; sent += 65_536) yield Buffer.alloc(65_536)
  }, big)
  t.match(await transportTo(t, server.baseUrl).send(call, 5000), { type: 'answer', status: 401 })
})

t.test('an endless answer is cut and does not fill the memory', async (t) => {
  const server = await startHttp(t, (_request, response) => {
    response.writeHead(500, { 'content-type': 'application/json' })
    const pour = () => {
      if (response.destroyed) return
      while (response.write('x'.repeat(65_536)));
      response.once('drain', pour)
    }
    pour()
  })
  const result = await transportTo(t, server.baseUrl).send(create, 5000)
  t.match(result, { type: 'answer', status: 500 })
  t.equal(result.type === 'answer' && result.body.length, 1024 * 1024)
})

t.test('a redirected create is not followed: it would be a second one', async (t) => {
  const server = await startHttp(t, (_request, response) => {
    response.writeHead(307, { location: '/elsewhere' })
    response.end()
  })
  t.match(await transportTo(t, server.baseUrl).send(create, 2000), { type: 'answer', status: 307 })
  t.equal(server.seen.length, 1)
})

t.test('connections', async (t) => {
  await t.test('polls share one, and survive that the upstream closes it in between', async (t) => {
    const sockets: Socket[] = []
    const server = await startHttp(t, (_request, response, socket) => {
      sockets.push(socket)
      json(response, 200, {})
    })
    const transport = transportTo(t, server.baseUrl)
    t.match(await transport.send(poll, 2000), { type: 'answer' })
    await idle()
    t.match(await transport.send(poll, 2000), { type: 'answer' })
    t.equal(server.connections(), 1)
    const closed = once(sockets[1]!, 'close')
    sockets[1]!.end()
    await closed
    t.match(await transport.send(poll, 2000), { type: 'answer' })
    t.equal(server.connections(), 2)
  })
  await t.test(
    'a kept one that dies under a poll says nothing: it is asked once more, on a new one',
    async (t) => {
      const server = await startHttp(t, (_request, response, socket) => {
        if (server.seen.length === 2) socket.resetAndDestroy()
        else json(response, 200, {})
      })
      const transport = transportTo(t, server.baseUrl)
      t.match(await transport.send(poll, 2000), { type: 'answer' })
      await idle()
      t.match(await transport.send(poll, 2000), { type: 'answer' })
      t.equal(server.connections(), 2)
      t.equal(server.seen.length, 3)
    },
  )
  await t.test('a new one that dies under it is no_answer, and nothing is repeated again', async (t) => {
    const server = await startHttp(t, (_request, response, socket) => {
      if (server.seen.length === 1) json(response, 200, {})
      else socket.resetAndDestroy()
    })
    const transport = transportTo(t, server.baseUrl)
    t.match(await transport.send(poll, 2000), { type: 'answer' })
    await idle()
    t.match(await transport.send(poll, 2000), { type: 'no_answer', reason: 'reset' })
    t.equal(server.connections(), 2)
    t.equal(server.seen.length, 3)
    const other = transportTo(t, server.baseUrl)
    t.match(await other.send(poll, 2000), { type: 'no_answer', reason: 'reset' })
    t.equal(server.seen.length, 4, 'the first of all connections was new')
  })
  await t.test('nothing else is repeated on a kept one, nor what closing ends', async (t) => {
    const server = await startHttp(t, (_request, response, socket) => {
      if (server.seen.length % 2 === 1) json(response, 200, {})
      else socket.resetAndDestroy()
    })
    const calls: ApiCall[] = [
      { method: 'DELETE', path: '/videos/v1', body: null },
      { method: 'POST', path: '/find', asks: true, body: { type: 'json', value: {} } },
    ]
    const transport = transportTo(t, server.baseUrl)
    for (const [index, call] of calls.entries()) {
      t.match(await transport.send(poll, 2000), { type: 'answer' })
      await idle()
      t.match(await transport.send(call, 2000), { type: 'no_answer', reason: 'reset' })
      t.equal(server.seen.length, 2 * index + 2)
    }
  })
  await t.test('every create has its own, whatever the upstream offers', async (t) => {
    const server = await startHttp(t, (_request, response) => json(response, 200, {}))
    const transport = transportTo(t, server.baseUrl)
    for (const call of [create, create, create, poll, create]) {
      t.match(await transport.send(call, 2000), { type: 'answer' })
      await idle()
    }
    t.equal(server.connections(), 5)
  })
})

t.test('a file is let go of, however the request ends', async (t) => {
  const endings: [what: string, baseUrl: string, type: string][] = [
    ['refused', `http://127.0.0.1:${await closedPort()}/v1`, 'not_sent'],
    [
      'reset',
      (await startTcp(t, (socket) => socket.once('data', () => socket.destroy()))).baseUrl,
      'no_answer',
    ],
    ['late', (await startTcp(t, (socket) => socket.resume())).baseUrl, 'no_answer'],
  ]
  for (const [what, baseUrl, type] of endings) {
    const { promise: closed, resolve: close } = Promise.withResolvers<void>()
    const call = file(async function* () {
      try {
        for (;;) yield Buffer.alloc(65_536)
      } finally {
        close()
      }
    }, 1_000_000_000)
    t.match(await transportTo(t, baseUrl).send(call, 300), { type }, what)
    await closed
  }
})

t.test('the request on the wire', async (t) => {
  const server = await startHttp(t, (_request, response) => json(response, 200, {}))
  const transport = transportTo(t, `${server.baseUrl}/`)

  await t.test('goes below the base URL with the key', async (t) => {
    await transport.send(create, 2000)
    t.match(server.seen.at(-1), {
      method: 'POST',
      url: '/v1/videos',
      headers: { authorization: 'Bearer secret-key-1', 'content-type': 'application/json' },
    })
    t.equal(server.seen.at(-1)?.body.toString(), '{"prompt":"x"}')
  })
  await t.test('streams a file with its length, name and type', async (t) => {
    const chunks = [Buffer.alloc(70_000, 'a'), Buffer.alloc(70_000, 'b')]
    const call = file(async function* () {
      yield* chunks
    }, 140_000)
    t.match(await transport.send(call, 2000), { type: 'answer' })
    const { headers, body } = server.seen.at(-1)!
    t.equal(headers['content-length'], String(body.length), 'announced, not chunked')
    const form = await new Response(new Uint8Array(body), {
      headers: { 'content-type': headers['content-type']! },
    }).formData()
    t.equal(form.get('prompt'), 'a "quoted"\r\nprompt')
    const sent = form.get('input_reference')
    t.match(sent, { name: 'a"b.png', type: 'image/png', size: 140_000 })
    t.same(sent instanceof File && Buffer.from(await sent.arrayBuffer()), Buffer.concat(chunks))
  })
})
