import { readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { problemCodes } from '../../src/gateway/domain/problem.ts'
import { problemEntries } from '../../src/gateway/http/problem-pages/problem-entry.ts'
import { ProblemEntryDto, ProblemEntryList } from '../../src/gateway/http/schemas/catalogue/problem-entry.ts'
import { asMaker, serve } from './stub-services.ts'

const page = 'text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,*/*;q=0.8'

t.test('the type of a problem leads to a page about its code, without a key', async (t) => {
  const app = await serve(t)
  const refused = await app.inject({ url: '/generations' })
  const { code, type } = refused.json()
  t.equal(code, 'unauthorized')
  const { statusCode, headers, body } = await app.inject({ url: type, headers: { accept: page } })
  t.equal(statusCode, 200)
  t.equal(headers['content-type'], 'text/html; charset=utf-8')
  t.match(body, /<title>Authentication required \(unauthorized\)<\/title>/)
  t.match(body, /Send <code>Authorization: Bearer &lt;key&gt;<\/code>/)
})

t.test('every code has a page that is whole without script, and loads nothing', async (t) => {
  const app = await serve(t)
  const list = (await app.inject({ url: '/problems', headers: { accept: page } })).body
  for (const { code, title, meaning, whatToDo } of problemEntries()) {
    t.ok(list.includes(`href="problems/${code}"`), `${code} is in the list`)
    const { statusCode, headers, body } = await app.inject({ url: `/problems/${code}` })
    t.equal(statusCode, 200, code)
    t.ok(body.includes(`<h1>${title}</h1>`), `${code} has its title`)
    t.match(body, /^<!doctype html>\n<html lang="en">/)
    t.match(body, /<meta name="description" content="[^"]{30,}">/)
    t.same(
      [...body.matchAll(/<h(\d)/g)].map(([, level]) => level),
      ['1', '2', '2', '2'],
      `${code}: headings in order`,
    )
    t.notMatch(body, /<script|<img|<link|style="|\son\w+="/, `${code} has nothing to load or run`)
    t.equal(body.match(/<li>/g)?.length, whatToDo.length)
    t.ok(meaning.length > 40 && whatToDo.length > 0, `${code} is explained`)
    t.match(headers, {
      'content-security-policy': /^default-src 'none'; style-src 'sha256-[^']+'; form-action 'none'/,
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
      'cache-control': 'public, max-age=3600',
      vary: /accept/,
    })
  }
})

t.test('the same as JSON and as Markdown, by Accept; HTML where nothing is preferred', async (t) => {
  const app = await serve(t)
  const typeFor = async (url: string, accept?: string) =>
    (await app.inject({ url, headers: accept === undefined ? {} : { accept } })).headers['content-type']
  for (const url of ['/problems', '/problems/conflict']) {
    t.equal(await typeFor(url), 'text/html; charset=utf-8')
    t.equal(await typeFor(url, '*/*'), 'text/html; charset=utf-8')
    t.equal(await typeFor(url, 'text/*'), 'text/html; charset=utf-8')
    t.equal(await typeFor(url, 'image/png'), 'text/html; charset=utf-8')
    t.equal(await typeFor(url, 'text/html;q=0.5, text/markdown'), 'text/markdown; charset=utf-8')
    t.equal(await typeFor(url, 'application/json'), 'application/json')
  }
  const accept = 'application/json'
  const one = (await app.inject({ url: '/problems/rate_limited', headers: { accept } })).json()
  t.match(ProblemEntryDto.parse(one), { code: 'rate_limited', status: 429, retry_after_seconds: 5 })
  const all = ProblemEntryList.parse((await app.inject({ url: '/problems', headers: { accept } })).json())
  t.same(all.data.map(({ code }) => code).toSorted(), [...problemCodes].toSorted())
  const markdown = (await app.inject({ url: '/problems/conflict', headers: { accept: 'text/markdown' } }))
    .body
  t.match(markdown, /^# Conflict with the current state\n\n`conflict`, status 409 Conflict\n/)
})

t.test('an unchanged page is not sent again, and a code that does not exist has none', async (t) => {
  const app = await serve(t)
  const { headers } = await app.inject({ url: '/problems/conflict' })
  const again = await app.inject({ url: '/problems/conflict', headers: { 'if-none-match': headers['etag'] } })
  t.equal(again.statusCode, 304)
  const missing = await app.inject({ url: '/problems/nonsense', headers: { accept: page } })
  t.match(missing.json(), { status: 404, code: 'not_found', type: '/problems/not_found' })
})

/** What each of these calls is answered is, word for word, the example of its page. */
const provoked = {
  unauthorized: { url: '/generations' },
  malformed_body: {
    method: 'POST',
    url: '/generate',
    headers: { ...asMaker, 'content-type': 'application/json' },
    payload: '{"prompt":',
  },
  unsupported_media_type: {
    method: 'POST',
    url: '/estimates',
    headers: { ...asMaker, 'content-type': 'text/plain' },
    payload: 'a mill',
  },
  forbidden: { url: '/keys', headers: asMaker },
  not_acceptable: { url: '/events', headers: { ...asMaker, accept: 'text/html' } },
  validation_failed: {
    method: 'POST',
    url: '/route',
    headers: asMaker,
    payload: { prompt: 'a mill', routing: { priority: 'speed' } },
  },
  method_not_allowed: { method: 'DELETE', url: '/health/live' },
} as const

t.test('examples of problems of the HTTP layer are what it answers', async (t) => {
  const app = await serve(t)
  const entries = new Map<string, object>(problemEntries().map(({ code, example }) => [code, example]))
  for (const [code, request] of Object.entries(provoked)) {
    const answer = (await app.inject(request)).json()
    t.strictSame({ ...answer, request_id: '' }, { ...entries.get(code), request_id: '' }, code)
  }
})

/** Every text in the sources of the gateway, as a pattern; what is put into a template may be anything. */
function textsOf(folder: string): RegExp[] {
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts') && !name.startsWith('http/problem-pages/'))
    .map((name) => readFileSync(join(folder, name), 'utf8'))
  return files.flatMap((text) =>
    [...text.matchAll(/'((?:[^'\\\n]|\\.){8,})'|`((?:[^`\\\n]|\\.){8,})`/g)].flatMap(
      ([, quoted, template]) => {
        const parts = quoted === undefined ? (template ?? '').split(/\$\{[^}]*\}/) : [quoted]
        if (parts.join('').length < 8) return []
        const escaped = parts.map((part) =>
          part.replaceAll(/\\(.)/g, '$1').replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`),
        )
        return [new RegExp(`^${escaped.join('.+')}$`)]
      },
    ),
  )
}

t.test('the detail of every other example is a sentence that the gateway writes', async (t) => {
  const texts = textsOf(new URL('../../src/gateway', import.meta.url).pathname)
  const isWritten = (detail: string) => texts.some((text) => text.test(detail))
  t.notOk(isWritten('A sentence that the gateway does not write.'))
  for (const { code, example } of problemEntries())
    if (!Object.keys(provoked).includes(code)) t.ok(isWritten(example.detail), `${code}: ${example.detail}`)
})
