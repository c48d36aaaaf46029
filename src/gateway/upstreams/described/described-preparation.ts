import type { CreateRequest } from '../../ports/upstream.ts'
import { textsOf } from '../answers/echoes.ts'
import { createVerdict } from '../answers/verdicts/create-verdict.ts'
import type { Refine } from '../answers/verdicts/create-verdict.ts'
import { parseJson } from '../answers/json-body.ts'
import type { Dialect, ReceivedAnswer } from '../dialect.ts'
import type { UpstreamSettings } from '../settings.ts'
import { buildCall } from './build-call.ts'
import type { CallFiles } from './build-call.ts'
import { mappedValues, requestValues } from './create-values.ts'
import type { Description } from './description/description-parts.ts'
import { evaluate, isTrue } from './expressions/expression.ts'
import { uuidOf } from './expressions/generated.ts'
import { keptOf } from './operation.ts'
import { fillText } from './expressions/template.ts'

interface Rules {
  refine: Refine
  read: (answer: ReceivedAnswer) => ReceivedAnswer
  explained: (answer: ReceivedAnswer) => ReceivedAnswer
}

/** The call before a create, where the description has one and the request needs it. */
export function preparing(
  { create: { before }, values: described }: Description,
  { spec }: Pick<UpstreamSettings, 'spec'>,
  { refine, read, explained }: Rules,
): Pick<Dialect, 'prepare'> {
  if (before === undefined) return {}
  return {
    prepare(request) {
      const values = mappedValues(described, requestValues(request, spec))
      // Unsupported inputs are reported when the create is encoded.
      if (typeof values === 'string') return null
      if (before.when !== undefined && !isTrue(evaluate(before.when, values))) return null
      const call = buildCall(before, values, filesOf(request))
      if (call === null) return null
      return {
        call,
        decode(answer) {
          const whole = read(answer)
          const kept = whole.status < 300 ? keptOf(before.keep, parseJson(whole.body), values) : null
          if (kept !== null) return { type: 'prepared', values: kept }
          const { receivedAt } = answer
          const echoes = textsOf(request)
          return createVerdict(explained(whole), { createServerError: 'unknown', echoes, receivedAt, refine })
        },
      }
    },
  }
}

/** The files that go along with a create. */
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

/** The job of a create, where its id is known before it is sent. */
export function naming({ create: { known_id: known } }: Description): Pick<Dialect, 'jobOf'> {
  if (known === undefined) return {}
  return {
    jobOf(idempotencyKey) {
      const id = fillText(known, { uuid: uuidOf(idempotencyKey) })
      return { upstreamId: id, operation: { id }, model: null }
    },
  }
}
