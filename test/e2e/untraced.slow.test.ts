import { execFile } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import t from 'tap'
import type { Test } from 'tap'
import { stringify } from 'yaml'
import { z } from 'zod'

const program = new URL('../fixtures/accept-allocations.ts', import.meta.url).pathname
/** In MB: more than all that is allocated while it is counted. */
const young = 256
const Counted = z.object({
  bytesPerAccept: z.number(),
  collections: z.number(),
  packages: z.array(z.string()),
})

/** What one accept allocates in a process of its own. */
async function count(t: Test, traces?: object) {
  const directory = await mkdtemp(join(tmpdir(), 'understudy-allocations-'))
  t.teardown(() => rm(directory, { recursive: true }))
  const config = stringify({
    server: { port: 0, role: 'api' },
    storage: { url: `sqlite:${directory}/understudy.db` },
    media: { url: `file:${directory}/media` },
    ...(traces !== undefined && { traces }),
    auth: { keys: [{ name: 'studio', key: 'studio-iFCx2cAmQ1RIHQSm' }] },
    upstreams: [
      {
        id: 'alpha',
        kind: 'official',
        dialect: 'openai-videos',
        base_url: 'http://127.0.0.1:9/v1',
        api_key: 'sk-alpha',
        models: { 'sora-2': 'sora-2' },
        price: { per_second_usd: { default: 0.1 } },
      },
    ],
  })
  const flags = ['--expose-gc', `--min-semi-space-size=${young}`, `--max-semi-space-size=${young}`]
  const child = execFile(process.execPath, [...flags, program], { env: {} })
  if (child.stdin === null || child.stdout === null || child.stderr === null) throw new Error('no pipes')
  child.stdin.end(config)
  const [output, errors] = await Promise.all([text(child.stdout), text(child.stderr)])
  if (output === '') throw new Error(errors)
  const counted = Counted.parse(JSON.parse(output))
  t.equal(counted.collections, 0, 'nothing was collected while it counted')
  return counted
}

t.test('without traces nothing of them is loaded, and an accept allocates nothing for them', async (t) => {
  const off = await count(t)
  const on = await count(t, { endpoint: 'http://127.0.0.1:9' })
  t.same(off.packages, [])
  t.ok(on.packages.includes('@opentelemetry/sdk-trace'), 'they are loaded where they are configured')
  t.comment(`${off.bytesPerAccept} bytes, with traces ${on.bytesPerAccept}`)
  // A request with a span and the context of a generation takes about 19 KB more. The count differs by 0.2 KB between runs.
  t.ok(on.bytesPerAccept - off.bytesPerAccept > 10_000)
})
