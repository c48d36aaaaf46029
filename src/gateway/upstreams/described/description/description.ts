import { z } from 'zod'
import {
  cancelPart,
  charactersPart,
  createPart,
  headerName,
  headers,
  listPart,
  pollPart,
  resultPart,
  text,
} from './description-calls.ts'
import type { Call } from './description-calls.ts'
import { expressions, inputExpression, oneOrMore, path, placeholderName, scalar, template } from './fields.ts'
import { calledNames } from '../expressions/names.ts'
import type { Names } from '../expressions/names.ts'
import { plugInNames } from '../plug-ins.ts'
import { presetNames } from '../preset-names.ts'
import { namesUsedBy } from './used-names.ts'

/** One row of the error table: everything that it says has to be so. */
const errorRule = z
  .strictObject({
    http: oneOrMore(z.int().min(100).max(599)).optional(),
    code: oneOrMore(z.union([text, z.int()], { error: 'should be text or a whole number' })).optional(),
    says: oneOrMore(text).optional(),
    is: z.enum(['rejected', 'upstream_down', 'model_gone', 'invalid', 'refused', 'character_invalid']),
  })
  .refine(
    ({ http, code, says }) => http !== undefined || code !== undefined || says !== undefined,
    'says nothing to look for: write http, code or says',
  )

function valuesPart(known: readonly string[]) {
  const from = inputExpression(known)
  const value = z.strictObject({ from, map: z.record(z.string(), scalar), otherwise: scalar.optional() })
  return z.record(placeholderName, value)
}

function partsOf(names: Names) {
  const called = calledNames(names)
  return z.strictObject({
    about: text.optional(),
    name: z
      .string()
      .regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/, 'should be letters, digits, `.`, `_` or `-`')
      .optional(),
    // Gone from a description that extends a preset, which is whole by then.
    extends: z.enum(presetNames).optional(),
    auth: z.strictObject({ header: headerName, value: template(['key']) }).optional(),
    headers: headers.default({}),
    answers: z.enum(plugInNames).default('json'),
    values: valuesPart(called.values).default({}),
    create: createPart(called),
    poll: pollPart(called),
    result: resultPart(called).optional(),
    content: z.strictObject({ path: path(called.content) }).optional(),
    cancel: cancelPart(called).optional(),
    // Where the code and the message of an error stand, in any answer.
    error_at: z
      .strictObject({ code: expressions().optional(), message: expressions().optional() })
      .optional(),
    list: listPart().optional(),
    characters: charactersPart(called).optional(),
    errors: z.array(errorRule).default([]),
  })
}

export type Description = z.output<ReturnType<typeof partsOf>>
export type ErrorRule = z.output<typeof errorRule>

/**
 * A vendor's protocol, described. Parsing compiles every expression and template, so that a mistake is found where it stands.
 * `names`: what the description itself defines.
 */
export function descriptionSchema(names: Names) {
  return partsOf(names).superRefine(checkWhole)
}

/** What spans several parts of a description. */
function checkWhole(description: Description, context: z.RefinementCtx): void {
  const { create, poll, result, content, characters, list, cancel } = description
  const complain = (at: string[], message: string) => context.addIssue({ code: 'custom', path: at, message })
  if (poll.video === undefined && result?.video === undefined && content === undefined)
    complain(['poll'], 'names no video: write video here or in result, or content with a path')
  if (result !== undefined && result.video === undefined && content === undefined)
    complain(['result'], 'is a second step that names no video')
  if (list?.next !== undefined && list.more === undefined)
    complain(['list'], 'says what the next page is, and not how to ask for it: write more')
  const missing = Object.keys(create.keep).filter((name) => list?.keep !== undefined && !(name in list.keep))
  if (missing.length > 0)
    complain(['list', 'keep'], `says nothing of ${missing.join(', ')}, which create keeps`)

  if (create.inline_characters > 0 && !namesUsedBy(description).has('characters'))
    complain(['create', 'inline_characters'], 'is set, and the create sends nothing of `characters`')

  const makers = [characters?.create, characters?.from_job].filter((maker) => maker !== undefined)
  const needsPoll = makers.some(({ handle }) => handle === undefined)
  if (needsPoll && characters?.poll === undefined)
    complain(['characters'], 'makes characters in jobs, and has no poll to ask about them')
  if (
    characters?.poll !== undefined &&
    characters.poll.handle === undefined &&
    characters.result === undefined
  )
    complain(['characters', 'poll'], 'names no handle: write handle here or in result')
  const calls: Array<[string[], Call | undefined]> = [
    [['create'], create],
    [['create', 'before'], create.before],
    [['poll'], poll],
    [['poll', 'otherwise'], poll.otherwise],
    [['cancel'], cancel],
    [['cancel', 'also'], cancel?.also],
    [['result'], result],
    [['list'], list],
    [['characters', 'create'], characters?.create],
    [['characters', 'create', 'before'], characters?.create?.before],
    [['characters', 'from_job'], characters?.from_job],
    [['characters', 'from_job', 'before'], characters?.from_job?.before],
    [['characters', 'poll'], characters?.poll],
    [['characters', 'result'], characters?.result],
  ]
  for (const [at, each] of calls) {
    const bodies = [each?.body, each?.form].filter((tree) => tree !== undefined)
    if (bodies.length === 2) complain(at, 'has both body and form; keep one')
    if (each?.method === 'GET' && bodies.length > 0) complain(at, 'is a GET with a body; write method: POST')
    if (each?.form !== undefined && each.form.type !== 'map') complain([...at, 'form'], 'should be a map')
  }
}
