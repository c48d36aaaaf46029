import { mkdtemp, mkdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { brotliCompressSync, brotliDecompressSync } from 'node:zlib'
import { fastify } from 'fastify'
import t from 'tap'
import type { Test } from 'tap'
import { answerError } from '../../src/gateway/http/compat/answer-error.ts'
import { consolePages } from '../../src/gateway/http/console/console-pages.ts'

const page = '<!doctype html><title>built</title>'
const script = 'console.log("hello")'.repeat(40)

async function serve(test: Test, files: Record<string, string | Buffer> | null, on = true) {
  const folder = await mkdtemp(join(tmpdir(), 'console-'))
  test.teardown(() => rm(folder, { recursive: true }))
  if (files !== null) await mkdir(join(folder, 'assets'))
  for (const [name, bytes] of Object.entries(files ?? {})) await writeFile(join(folder, name), bytes)
  const app = fastify()
  app.setErrorHandler(answerError)
  await app.register(consolePages, { console: on ? { folder } : undefined })
  test.teardown(() => app.close())
  return app
}

const built = {
  'index.html': page,
  'assets/index-a1.js': script,
  'assets/index-a1.js.br': brotliCompressSync(script),
}

t.test('every path below /console/ is the page, which is asked for again at each visit', async (t) => {
  const app = await serve(t, built)
  for (const url of ['/console/', '/console/generations', '/console/generations/gen_1?tab=all']) {
    const answer = await app.inject(url)
    t.equal(answer.statusCode, 200)
    t.equal(answer.body, page)
    t.equal(answer.headers['cache-control'], 'no-cache')
    const again = await app.inject({ url, headers: { 'if-none-match': String(answer.headers.etag) } })
    t.equal(again.statusCode, 304)
    t.equal(again.body, '')
  }
})

t.test(
  'assets never change, are sent as small as the browser takes them, and one that is absent is no page',
  async (t) => {
    const app = await serve(t, built)
    const small = await app.inject({
      url: '/console/assets/index-a1.js',
      headers: { 'accept-encoding': 'gzip, br' },
    })
    t.equal(small.headers['content-encoding'], 'br')
    t.equal(brotliDecompressSync(small.rawPayload).toString(), script)
    t.equal(small.headers['vary'], 'accept-encoding')
    t.equal(small.headers['cache-control'], 'public, max-age=31536000, immutable')
    const plain = await app.inject('/console/assets/index-a1.js')
    t.equal(plain.headers['content-encoding'], undefined)
    t.equal(plain.body, script)
    t.not(plain.headers.etag, small.headers.etag, 'other bytes have another tag')
    for (const name of ['index-b2.js', '../index.html', '..%2Findex.html', 'index-a1.js.br', '']) {
      const absent = await app.inject(`/console/assets/${name}`)
      // The client of the test resolves `..` itself, as browsers do.
      if (name !== '../index.html') t.equal(absent.statusCode, 404, name)
      if (name !== '../index.html') t.equal(absent.json().code, 'not_found')
    }
  },
)

t.test('no answer of the console lets a script, a frame or another origin in', async (t) => {
  const app = await serve(t, built)
  for (const url of ['/console/', '/console/assets/index-a1.js', '/console/assets/absent.js', '/console']) {
    const { headers } = await app.inject(url)
    const policy = String(headers['content-security-policy'])
    for (const part of [
      "default-src 'none'",
      "script-src 'self'",
      "frame-ancestors 'none'",
      "base-uri 'none'",
      "form-action 'none'",
      "require-trusted-types-for 'script'",
    ])
      t.ok(policy.includes(part), `${url}: ${part}`)
    t.notOk(policy.includes('unsafe'), url)
    t.equal(headers['x-content-type-options'], 'nosniff')
    t.equal(headers['referrer-policy'], 'no-referrer')
    t.equal(headers['cross-origin-opener-policy'], 'same-origin')
  }
})

t.test('/ leads to the console where there is one, else to the documentation', async (t) => {
  t.equal((await (await serve(t, built)).inject('/')).headers.location, '/console/')
  t.equal((await (await serve(t, null)).inject('/')).headers.location, '/docs')
  const off = await serve(t, built, false)
  t.equal((await off.inject('/')).headers.location, '/docs')
  t.equal((await off.inject('/console/')).statusCode, 404)
})

t.test('an installation that never built the console says so, and serves the rest', async (t) => {
  const app = await serve(t, null)
  const answer = await app.inject('/console/')
  t.equal(answer.statusCode, 404)
  t.match(answer.headers['content-type'], 'text/html')
  t.match(answer.body, /npm run console/)
})
