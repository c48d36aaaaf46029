import type { FastifyReply, FastifyRequest } from 'fastify'
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod'
import { Problem } from '../../domain/problem.ts'
import { matchesEtag } from '../answers/range.ts'
import { chooseCoding, loadConsoleFiles } from './console-files.ts'
import type { ConsoleFiles } from './console-files.ts'

/** No inline script, no other origin, no frame around it. */
const headers = {
  'content-security-policy':
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; media-src 'self' blob:; " +
    "connect-src 'self'; font-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; " +
    "require-trusted-types-for 'script'",
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
}

const notBuilt = `<!doctype html>
<html lang="en"><meta charset="utf-8"><title>Understudy</title>
<h1>The console is not built</h1>
<p>Run <code>npm run console</code> where Understudy is installed with its development dependencies, and start it again.</p>
<p>The API works without it: see <a href="/docs">/docs</a>.</p>
</html>
`

export interface ConsolePages {
  /** Where the built files are. Nothing of it is read before the first call for a page. */
  folder: string
}

type Send = (files: ConsoleFiles | null, request: FastifyRequest, reply: FastifyReply) => FastifyReply

function sendPage(files: ConsoleFiles | null, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  if (files === null) return reply.code(404).type('text/html; charset=utf-8').send(notBuilt)
  return sendCoded(files.page, 'no-cache', request, reply)
}

/** Asset names hold a hash of the content: they never change, and one that is not there is no page. */
function sendAssetNamed(name: string): Send {
  return (files, request, reply) => {
    const codings = files?.assets.get(name)
    if (codings === undefined)
      throw new Problem('not_found', 'The console has no such file. Reload the page.')
    return sendCoded(codings, 'public, max-age=31536000, immutable', request, reply)
  }
}

function sendCoded(
  codings: ConsoleFiles['page'],
  cacheControl: string,
  request: FastifyRequest,
  reply: FastifyReply,
): FastifyReply {
  const { coding, asset } = chooseCoding(codings, request.headers['accept-encoding'])
  reply.headers({ etag: asset.etag, 'cache-control': cacheControl, vary: 'accept-encoding' })
  if (matchesEtag(request.headers['if-none-match'], asset.etag)) return reply.code(304).send()
  if (coding !== 'identity') reply.header('content-encoding', coding)
  return reply.type(asset.contentType).send(asset.bytes)
}

/** `/console/` with everything below it, and `/`, which leads there. Public: the page holds no data; its calls need a session. */
export const consolePages: FastifyPluginAsyncZod<{ console: ConsolePages | undefined }> = async (
  app,
  { console },
) => {
  let loading: Promise<ConsoleFiles | null> | undefined
  async function files(): Promise<ConsoleFiles | null> {
    if (console === undefined) return null
    loading ??= loadConsoleFiles(console.folder)
    try {
      return await loading
    } catch (error) {
      loading = undefined
      throw error
    }
  }
  const open = { config: { access: 'public' }, schema: { hide: true } } as const

  app.get('/', {
    ...open,
    handler: async (_request, reply) => reply.redirect((await files()) === null ? '/docs' : '/console/', 302),
  })
  if (console === undefined) return

  app.addHook('onSend', (request, reply, payload, done) => {
    if (request.url.startsWith('/console')) reply.headers(headers)
    done(null, payload)
  })
  app.get('/console', { ...open, handler: (_request, reply) => reply.redirect('/console/', 302) })
  app.get('/console/*', {
    ...open,
    async handler(request, reply) {
      const [, name] = /^\/console\/assets\/([^?]*)/.exec(request.url) ?? []
      const send: Send = name === undefined ? sendPage : sendAssetNamed(name)
      return send(await files(), request, reply)
    },
  })
}
