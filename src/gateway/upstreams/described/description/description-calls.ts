import { z } from 'zod'
import { body, expressions, inputExpression, oneOrMore, path, placeholderName, template } from './fields.ts'
import type { CallNames } from '../expressions/names.ts'

export const text = z.string().min(1, 'should not be empty text')
export const headerName = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9-]{0,63}$/, 'should be the name of a header')
export const headers = z.record(headerName, z.string())
const kept = z.record(placeholderName, expressions())

const methods = ['GET', 'POST'] as const
const stoppingMethods = [...methods, 'DELETE'] as const

/** A call. `body` is sent as JSON, `form` as multipart/form-data, which may include `files`. */
function call(known: readonly string[], method: (typeof methods)[number], files: readonly string[] = []) {
  return {
    method: z.enum(methods).default(method),
    path: path(known),
    headers: headers.default({}),
    body: body(known, null).optional(),
    form: body(known, files).optional(),
    // Keys of the body whose texts of digits are sent as integers.
    integers: z.array(text).default([]),
  }
}

/** A call that may go to another host of the protocol. */
function serviceCall(...of: Parameters<typeof call>) {
  return { ...call(...of), service: placeholderName.optional() }
}

/** Where a finished video is, in the response to the poll or to the second call. */
const video = {
  video: expressions().optional(),
  expires_at: expressions().optional(),
  expires_after_seconds: z.number().min(1).max(31_536_000).optional(),
}

/** An amount in an answer. `usd_per_unit`: what a unit is worth to every customer; else it is configured. */
const amount = {
  amount: expressions(),
  unit: text,
  usd_per_unit: z.number().min(0).max(1000).optional(),
}

/** Where an answer says what a job cost. */
const cost = z.strictObject(amount).optional()

/** How a response reports a failure in addition to its status, or instead of it. */
const failure = { failed_when: expressions().optional(), failure: expressions().optional() }

const statusWords = z.strictObject({
  waiting: oneOrMore(text).optional(),
  completed: oneOrMore(text).optional(),
  failed: oneOrMore(text).optional(),
  refused: oneOrMore(text).optional(),
  cancelled: oneOrMore(text).optional(),
  expired: oneOrMore(text).optional(),
})

/** Files that the form of a create may include. */
const createFiles = ['reference', 'clip', 'first_frame', 'last_frame']

/**
 * The upload itself, where the first response names an address for it. Without `part` the bytes are the body, else the form
 * has the fields and then the file.
 */
function sendPart(known: readonly string[]) {
  return z
    .strictObject({
      to: template(known),
      method: z.enum(['PUT', 'POST']).default('PUT'),
      headers: headers.default({}),
      fields: template(known).optional(),
      part: text.optional(),
    })
    .refine(({ fields, part }) => fields === undefined || part !== undefined, 'has fields but no part')
}

/** Inputs that may be uploaded one by one; `images` are the references that are pictures. */
const uploadable = ['first_frame', 'last_frame', 'images', 'videos', 'audios'] as const

export function createPart({ create, createBefore, upload, uploadSend, knownId }: CallNames) {
  return z.strictObject({
    // Called once per file before the create. Like `before`, it creates no job.
    uploads: z
      .strictObject({
        of: z.array(z.enum(uploadable)).min(1),
        ...call(upload, 'POST', ['file']),
        keep: kept,
        send: sendPart(uploadSend).optional(),
      })
      .optional(),
    // Creates no job, so it may be repeated. `when`: only if this is true for the request.
    before: z
      .strictObject({
        when: inputExpression(createBefore).optional(),
        ...call(createBefore, 'POST', createFiles),
        keep: kept.default({}),
      })
      .optional(),
    // The id of the job, if the create chooses it.
    known_id: template(knownId).optional(),
    ...call(create, 'POST', createFiles),
    id: expressions(),
    model: expressions().optional(),
    keep: kept.default({}),
    idempotency_header: headerName.optional(),
    // How prompts name the reference images.
    image_mention: template(['position']).optional(),
    // The limit for each file that the body contains in base64.
    max_base64_bytes: z.int().min(1).max(104_857_600).default(10_485_760),
    // And the limit for all of them.
    max_base64_total_bytes: z.int().min(1).max(1_073_741_824).default(104_857_600),
    // The maximum number of characters sent with it. A clip above that would be dropped silently.
    inline_characters: z.int().min(0).max(100).default(0),
  })
}

export function pollPart({ poll }: CallNames) {
  return z.strictObject({
    ...call(poll, 'GET'),
    status: expressions(),
    words: statusWords.optional(),
    progress: expressions().optional(),
    queue_position: expressions().optional(),
    model: expressions().optional(),
    missing_when: expressions().optional(),
    // Values of a finished job, for `content`.
    keep: kept.default({}),
    // Called if the first response says that the job is unknown.
    otherwise: z
      .strictObject({
        ...call(poll, 'GET'),
        status: expressions(),
        progress: expressions().optional(),
        queue_position: expressions().optional(),
      })
      .optional(),
    cost,
    ...failure,
    ...video,
  })
}

export function cancelPart({ poll }: CallNames) {
  const method = z.enum(stoppingMethods).default('POST')
  const one = { ...call(poll, 'POST'), method, done_when: expressions().optional() }
  return z.strictObject({
    ...one,
    also: z.strictObject(one).optional(),
    // The job is asked about first, and the call sent only if its status is one of these.
    only_while: oneOrMore(text).optional(),
  })
}

export function resultPart({ poll }: CallNames) {
  return z.strictObject({ ...call(poll, 'GET'), cost, ...failure, ...video })
}

export function listPart() {
  return z.strictObject({
    ...call([], 'GET'),
    more: path(['after']).optional(),
    items: expressions(),
    id: expressions(),
    // As in `create`, if an entry has the values elsewhere than the response to a create.
    keep: kept.optional(),
    prompt: expressions().optional(),
    model: expressions().optional(),
    created: expressions().optional(),
    next: expressions().optional(),
    partial: z.boolean().default(false),
  })
}

export function modelsPart() {
  return z.strictObject({ ...call([], 'GET'), items: expressions(), id: expressions() })
}

export function balancePart() {
  return z.strictObject({ ...call([], 'GET'), ...amount })
}

export function charactersPart({ characterBefore, characterCreate, characterPoll }: CallNames) {
  return z.strictObject({
    mention: template(['handle', 'name', 'position']).optional(),
    create: makerPart(characterBefore.fromClip, characterCreate.fromClip).optional(),
    from_job: makerPart(characterBefore.fromJob, characterCreate.fromJob).optional(),
    poll: z
      .strictObject({
        ...serviceCall(characterPoll, 'GET'),
        handle: expressions().optional(),
        status: expressions().optional(),
        words: statusWords.optional(),
        pending_when_missing: z.boolean().default(false),
        ...failure,
      })
      .optional(),
    result: z
      .strictObject({ ...serviceCall(characterPoll, 'GET'), handle: expressions(), ...failure })
      .optional(),
  })
}

function makerPart(known: readonly string[], afterBefore: readonly string[]) {
  return z
    .strictObject({
      before: z.strictObject({ ...serviceCall(known, 'POST', ['clip']), keep: kept }).optional(),
      ...serviceCall(afterBefore, 'POST', ['clip']),
      handle: expressions().optional(),
      id: expressions().optional(),
      keep: kept.default({}),
    })
    .refine(
      ({ handle, id }) => handle !== undefined || id !== undefined,
      'says neither where the handle is nor the id of a job that makes it',
    )
}

export type UploadsPart = NonNullable<z.output<ReturnType<typeof createPart>>['uploads']>
export type Maker = z.output<ReturnType<typeof makerPart>>
export type Call = Pick<Maker, 'path' | 'headers' | 'body' | 'form' | 'integers'> & {
  method: (typeof stoppingMethods)[number]
  service?: string | undefined
}
export type StatusWords = z.output<typeof statusWords>
export type CancelPart = z.output<ReturnType<typeof cancelPart>>
export type PollPart = z.output<ReturnType<typeof pollPart>>
export type CostPart = NonNullable<PollPart['cost']>
export type ResultPart = z.output<ReturnType<typeof resultPart>>
export type ListPart = z.output<ReturnType<typeof listPart>>
export type ModelsPart = z.output<ReturnType<typeof modelsPart>>
export type BalancePart = z.output<ReturnType<typeof balancePart>>
export type CharactersPart = z.output<ReturnType<typeof charactersPart>>
export type CharacterPollPart = NonNullable<CharactersPart['poll']>
export type CharacterResultPart = NonNullable<CharactersPart['result']>
