import { negotiate } from '@fastify/accept-negotiator'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod'
import { z } from 'zod'
import type { ProblemCode } from '../../../domain/problem.ts'
import { addVary } from '../../answers/add-vary.ts'
import { sendAsset, toAsset } from '../../answers/docs-assets.ts'
import type { Asset } from '../../answers/docs-assets.ts'
import { problemEntries, problemEntry } from '../../problem-pages/problem-entry.ts'
import { problemHtml, problemListHtml, problemPagePolicy } from '../../problem-pages/problem-html.ts'
import { problemListMarkdown, problemMarkdown } from '../../problem-pages/problem-markdown.ts'
import {
  ProblemEntryDto,
  ProblemEntryList,
  problemCode,
  toProblemEntryDto,
} from '../../schemas/catalogue/problem-entry.ts'
import { answerAs, problems } from '../../schemas/problem.ts'

const page = z.string()

/** Without a preference, HTML: whoever follows the `type` of a problem is a person. */
const forms = ['text/html', 'text/markdown', 'application/json'] as const
type Form = (typeof forms)[number]

function formFor({ headers }: FastifyRequest): Form {
  const accept = (headers.accept ?? '*')
    .toLowerCase()
    .replaceAll('*/*', '*')
    .replaceAll('text/*', 'text/html')
    .replaceAll('application/*', 'application/json')
  const chosen = negotiate(accept, [...forms])
  return forms.find((form) => form === chosen) ?? 'text/html'
}

type Write = Record<Form, () => string>

function send(asset: Asset, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  reply.headers({ 'content-security-policy': problemPagePolicy, 'referrer-policy': 'no-referrer' })
  addVary(reply, 'accept')
  return sendAsset(asset, request, reply)
}

const listForms: Write = {
  'text/html': () => problemListHtml(problemEntries()),
  'text/markdown': () => problemListMarkdown(problemEntries()),
  'application/json'() {
    const data = problemEntries().map(toProblemEntryDto)
    const list: ProblemEntryList = { data, has_more: false, next_cursor: null }
    return JSON.stringify(list)
  },
}

function pageForms(code: ProblemCode): Write {
  const entry = problemEntry(code)
  return {
    'text/html': () => problemHtml(entry),
    'text/markdown': () => problemMarkdown(entry),
    'application/json': () => JSON.stringify(toProblemEntryDto(entry)),
  }
}

/** `/problems` and a page for each code, where the `type` of a problem leads. No key is needed, and nothing is looked up. */
export const problemsRoutes: FastifyPluginAsyncZod = async (app) => {
  // A few kB for each code and form: written once, so that they are compressed once as well.
  const written = new Map<string, Asset>()
  function answerFrom(name: string, write: Write, request: FastifyRequest, reply: FastifyReply) {
    const form = formFor(request)
    const contentType = form === 'application/json' ? form : `${form}; charset=utf-8`
    const known = written.get(`${name} ${form}`)
    const asset = known ?? toAsset(contentType, Buffer.from(write[form]()))
    written.set(`${name} ${form}`, asset)
    return send(asset, request, reply)
  }

  app.get('/problems', {
    config: { access: 'public' },
    schema: {
      operationId: 'listProblems',
      tags: ['problems'],
      summary: 'List all error codes',
      description: 'As HTML, Markdown or JSON, by `Accept`.',
      response: {
        200: answerAs('All codes.', {
          'application/json': ProblemEntryList,
          'text/html': page,
          'text/markdown': page,
        }),
        ...problems('overloaded', 'internal'),
      },
    },
    handler: (request, reply) => answerFrom('', listForms, request, reply),
  })

  app.get('/problems/:code', {
    config: { access: 'public' },
    schema: {
      operationId: 'getProblem',
      tags: ['problems'],
      summary: 'Explain an error code',
      description: 'Where the `type` of a problem leads. As HTML, Markdown or JSON, by `Accept`.',
      params: z.object({ code: problemCode }),
      response: {
        200: answerAs('What the code means, and what to do.', {
          'application/json': ProblemEntryDto,
          'text/html': page,
          'text/markdown': page,
        }),
        ...problems('not_found', 'overloaded', 'internal'),
      },
    },
    handler(request, reply) {
      const { code } = request.params
      return answerFrom(code, pageForms(code), request, reply)
    },
  })
}
