import { z } from 'zod'
import {
  balancePart,
  cancelPart,
  charactersPart,
  createPart,
  headerName,
  headers,
  listPart,
  modelsPart,
  pollPart,
  resultPart,
  text,
} from './description-calls.ts'
import { expressions, inputExpression, oneOrMore, path, placeholderName, scalar, template } from './fields.ts'
import { calledNames } from '../expressions/names.ts'
import type { Names } from '../expressions/names.ts'
import { plugInNames } from '../plug-ins.ts'
import { signatureSchema } from '../../signing/signature.ts'
import { presetNames } from '../preset-names.ts'
import { answerVerdicts } from '../../../domain/routing/answer-words.ts'

/** A row of the error table. All of its conditions must hold. */
const errorRule = z
  .strictObject({
    http: oneOrMore(z.int().min(100).max(599)).optional(),
    code: oneOrMore(z.union([text, z.int()], { error: 'should be text or a whole number' })).optional(),
    says: oneOrMore(text).optional(),
    is: z.enum(answerVerdicts).exclude(['never_sent', 'elsewhere']),
  })
  .refine(
    ({ http, code, says }) => http !== undefined || code !== undefined || says !== undefined,
    'says nothing to look for: write http, code or says',
  )

/** How calls prove who sends them: a header that a key is written into, or a way to sign with a key pair, or either. */
const authPart = z
  .strictObject({
    header: headerName.optional(),
    value: template(['key']).optional(),
    key_pair: signatureSchema.optional(),
  })
  .refine(({ header, value }) => (header === undefined) === (value === undefined), {
    error: 'should have both `header` and `value`, or neither',
  })

/** A further host of the protocol. */
const servicePart = z.strictObject({
  base_url: z
    .string()
    .regex(/^https?:\/\/[^\s?#@]+$/i, 'should be a URL that starts with http:// or https://')
    .refine((value) => URL.canParse(value), 'should be a URL'),
  key_pair: signatureSchema,
})

function valuesPart(known: readonly string[]) {
  const from = inputExpression(known)
  // Without a map, the value of the expression is used as it is.
  const map = z.record(z.string(), scalar).optional()
  const value = z.strictObject({ from, map, otherwise: scalar.optional() })
  return z.record(placeholderName, value)
}

/** The parts of a description, each validated separately. `names`: the names that the description defines. */
export function partsOf(names: Names) {
  const called = calledNames(names)
  return z.strictObject({
    about: text.optional(),
    name: z
      .string()
      .regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/, 'should be letters, digits, `.`, `_` or `-`')
      .optional(),
    // Already resolved: a description that extends a preset is complete by then.
    extends: z.enum(presetNames).optional(),
    // The path that `base_url` usually has: a hint for those who write one without it.
    base_path: z
      .string()
      .regex(/^(\/[A-Za-z0-9._~-]+)+$/, 'should be a path such as /v1')
      .optional(),
    auth: authPart.optional(),
    services: z.record(placeholderName, servicePart).default({}),
    headers: headers.default({}),
    // Another UUID with every request.
    request_id_header: headerName.optional(),
    answers: z.enum(plugInNames).default('json'),
    values: valuesPart(called.values).default({}),
    // Default capabilities of upstreams with this dialect; an upstream's own configuration overrides them, and is
    // validated there.
    capabilities: z.record(z.string(), z.unknown()).optional(),
    create: createPart(called),
    poll: pollPart(called),
    result: resultPart(called).optional(),
    content: z.strictObject({ path: path(called.content) }).optional(),
    cancel: cancelPart(called).optional(),
    // Where any response has the code and message of an error.
    error_at: z
      .strictObject({ code: expressions().optional(), message: expressions().optional() })
      .optional(),
    list: listPart().optional(),
    // Calls that cost nothing, for probes.
    models: modelsPart().optional(),
    balance: balancePart().optional(),
    characters: charactersPart(called).optional(),
    errors: z.array(errorRule).default([]),
  })
}

export type Description = z.output<ReturnType<typeof partsOf>>
export type ErrorRule = z.output<typeof errorRule>
