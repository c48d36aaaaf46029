import type { z } from 'zod'
import type { Call } from './description-calls.ts'
import { partsOf } from './description-parts.ts'
import type { Description } from './description-parts.ts'
import type { Names } from '../expressions/names.ts'
import { namesUsedBy } from './used-names.ts'

/**
 * A described protocol. Parsing compiles every expression and template, so that faults are reported where they are.
 * `names`: the names that the description defines.
 */
export function descriptionSchema(names: Names) {
  return partsOf(names).superRefine(checkWhole)
}

/** Validates rules that involve several parts of a description. */
function checkWhole(description: Description, context: z.RefinementCtx): void {
  const { create, poll, result, content, characters, list } = description
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
  for (const [at, each] of callsOf(description))
    checkCall(description, each, (message, ...below) => complain([...at, ...below], message))
}

type Complain = (message: string, ...below: string[]) => void

function checkCall({ auth, services }: Description, call: Call, complain: Complain): void {
  const bodies = [call.body, call.form].filter((tree) => tree !== undefined)
  if (bodies.length === 2) complain('has both body and form; keep one')
  if (call.method !== 'POST' && bodies.length > 0)
    complain(`is a ${call.method} with a body; write method: POST`)
  if (call.form !== undefined && call.form.type !== 'map') complain('should be a map', 'form')
  const { service } = call
  if (service !== undefined && !Object.hasOwn(services, service))
    complain(
      `is none of the description's services (${Object.keys(services).join(', ') || 'there are none'})`,
      'service',
    )
  const signature = service === undefined ? auth?.key_pair : services[service]?.key_pair
  if (call.form !== undefined && signature?.scheme === 'volcengine-v4')
    complain('cannot be signed, because files are streamed; write a body', 'form')
}

function callsOf({
  create,
  poll,
  result,
  characters,
  list,
  models,
  balance,
  cancel,
}: Description): Array<[string[], Call]> {
  const calls: Array<[string[], Call | undefined]> = [
    [['create'], create],
    [['create', 'uploads'], create.uploads],
    [['create', 'before'], create.before],
    [['poll'], poll],
    [['poll', 'otherwise'], poll.otherwise],
    [['cancel'], cancel],
    [['cancel', 'also'], cancel?.also],
    [['result'], result],
    [['list'], list],
    [['models'], models],
    [['balance'], balance],
    [['characters', 'create'], characters?.create],
    [['characters', 'create', 'before'], characters?.create?.before],
    [['characters', 'from_job'], characters?.from_job],
    [['characters', 'from_job', 'before'], characters?.from_job?.before],
    [['characters', 'poll'], characters?.poll],
    [['characters', 'result'], characters?.result],
  ]
  return calls.flatMap(([at, each]): Array<[string[], Call]> => (each === undefined ? [] : [[at, each]]))
}
