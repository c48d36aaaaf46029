import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import t from 'tap'
import { createVerdict } from '../../src/gateway/upstreams/answers/verdicts/create-verdict.ts'
import { createResolver } from '../../src/gateway/upstreams/transport/guard/resolver.ts'
import { createTransport } from '../../src/gateway/upstreams/transport/transport.ts'
import type { ApiCall } from '../../src/gateway/upstreams/transport/api-call.ts'
import { fakeRemote } from './loopback.ts'

const chunkBytes = 65_536
const bytes = 6 * chunkBytes
const clock = new Int32Array(new SharedArrayBuffer(4))

/** This thread is busy between two chunks, so that a closed connection is only noticed by a write. */
async function* source() {
  for (let sent = 0; sent < bytes; sent += chunkBytes) {
    yield Buffer.alloc(chunkBytes, 1)
    Atomics.wait(clock, 0, 0, 2)
  }
}

function upload(query: Record<string, string>): ApiCall {
  const file = { fileName: 'a.png', contentType: 'image/png', bytes, open: source }
  return {
    method: 'POST',
    path: `/videos?${new URLSearchParams(query).toString()}`,
    body: {
      type: 'multipart',
      parts: [
        { name: 'prompt', value: 'a paper boat' },
        { name: 'input_reference', file },
      ],
    },
  }
}

/** Bytes that the server has read when it answers. */
const phases = [1, 600, 70_000, 200_000, 300_000]
const statuses = { 401: 'upstream_down', 403: 'upstream_down', 413: 'invalid', 429: 'rejected' }
const rounds = [...Object.entries(statuses), ...Object.entries(statuses)].flatMap(([status, verdict]) =>
  phases.flatMap((after) =>
    ['length', 'chunks', 'end'].flatMap((form) =>
      ['closes', 'destroys'].map((ends) => ({ status, after: String(after), form, ends, verdict })),
    ),
  ),
)
const rules = { createServerError: 'unknown', echoes: [], receivedAt: 0 } as const

t.test(
  'an answer that came before the whole request was sent is an answer, however the connection ends',
  async (t) => {
    const worker = new Worker(new URL('early-server.ts', import.meta.url))
    t.teardown(() => worker.terminate())
    const [port]: unknown[] = await once(worker, 'message')
    const transport = createTransport(
      {
        baseUrl: `http://127.0.0.1:${String(port)}/v1`,
        apiKey: 'k',
        connectMs: 2000,
        fetchHeadersMs: 2000,
        fetchIdleMs: 2000,
      },
      { remoteMedia: fakeRemote(), resolver: createResolver() },
    )
    t.teardown(() => transport.close())
    const lost: string[] = []
    for (const { verdict, ...query } of rounds) {
      const result = await transport.send(upload(query), 5000)
      const got = result.type === 'answer' ? createVerdict(result, rules).type : result.message
      if (got !== verdict) lost.push(`${JSON.stringify(query)}: ${got}`)
    }
    t.equal(rounds.length, 240)
    t.same(lost, [])
  },
)
