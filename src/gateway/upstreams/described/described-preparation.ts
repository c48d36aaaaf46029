import type { CreateRequest } from '../../ports/upstream.ts'
import { textsOf } from '../answers/echoes.ts'
import { createVerdict } from '../answers/verdicts/create-verdict.ts'
import type { Refine } from '../answers/verdicts/create-verdict.ts'
import { parseJson } from '../answers/json-body.ts'
import type { Dialect, Prepared, ReceivedAnswer } from '../dialect.ts'
import type { UpstreamSettings } from '../settings.ts'
import { buildCall } from './build-call.ts'
import type { CallFiles } from './build-call.ts'
import { createValues, uploadsKey } from './create-values.ts'
import type { Uploads } from './create-values.ts'
import type { Description } from './description/description-parts.ts'
import { evaluate, isTrue } from './expressions/expression.ts'
import { uuidOf } from './expressions/generated.ts'
import { keptOf } from './operation.ts'
import { uploadedFiles, uploading } from './uploads.ts'
import { fillText } from './expressions/template.ts'

interface Rules {
  refine: Refine
  read: (answer: ReceivedAnswer) => ReceivedAnswer
  explained: (answer: ReceivedAnswer) => ReceivedAnswer
}

/** The calls before a create, if the description has some and the request needs them: uploads, and one more. */
export function preparing(
  description: Description,
  { spec }: Pick<UpstreamSettings, 'spec'>,
  { refine, read, explained }: Rules,
): Pick<Dialect, 'prepare'> {
  const { before, uploads } = description.create
  if (before === undefined && uploads === undefined) return {}
  return {
    prepare(request) {
      const verdict = (whole: ReceivedAnswer) => {
        const { receivedAt } = whole
        const echoes = textsOf(request)
        return createVerdict(explained(whole), { createServerError: 'unknown', echoes, receivedAt, refine })
      }
      const last = (done: Uploads): Prepared => {
        const values = { [uploadsKey]: done }
        const asked = createValues(description, request, spec, values)
        // Unsupported inputs are reported when the create is encoded.
        if (before === undefined || typeof asked === 'string') return { type: 'prepared', values }
        if (before.when !== undefined && !isTrue(evaluate(before.when, asked)))
          return { type: 'prepared', values }
        const call = buildCall(before, asked, filesOf(request))
        if (call === null) return { type: 'prepared', values }
        const decode = (answer: ReceivedAnswer) => {
          const whole = read(answer)
          const kept = whole.status < 300 ? keptOf(before.keep, parseJson(whole.body), asked) : null
          if (kept === null) return verdict(whole)
          return { type: 'prepared', values: { ...values, ...kept } } as const
        }
        return { type: 'further', preparation: { call, decode } }
      }
      const files = uploads === undefined ? [] : uploadedFiles(uploads, request)
      const first = uploads === undefined ? last({}) : uploading(uploads, files, { read, verdict }, last)
      return first.type === 'further' ? first.preparation : null
    },
  }
}

/** The files that are sent with a create. */
export function filesOf({ reference, inlineCharacters, inputs }: CreateRequest): CallFiles {
  const named = {
    ...(inputs?.firstFrame != null && { first_frame: inputs.firstFrame }),
    ...(inputs?.lastFrame != null && { last_frame: inputs.lastFrame }),
    ...(reference !== null && { reference: reference.media }),
    ...(inlineCharacters[0] !== undefined && { clip: inlineCharacters[0].clip }),
  }
  const others = [
    ...(inputs?.references.map(({ media }) => media) ?? []),
    ...inlineCharacters.map(({ clip }) => clip),
  ]
  return { named, all: [...Object.values(named), ...others] }
}

/** The job of a create, if its id is known before it is sent. */
export function naming({ create: { known_id: known } }: Description): Pick<Dialect, 'jobOf'> {
  if (known === undefined) return {}
  return {
    jobOf(idempotencyKey) {
      const id = fillText(known, { uuid: uuidOf(idempotencyKey) })
      return { upstreamId: id, operation: { id }, model: null }
    },
  }
}
