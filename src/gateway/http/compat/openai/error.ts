import type { FastifyReply, FastifyRequest } from 'fastify'
import { z } from 'zod'
import type { ExclusionCode } from '../../../domain/generation/plan.ts'
import type { Problem, ProblemCode } from '../../../domain/problem.ts'
import { noteProblem } from '../../answers/answer-problem.ts'
import { problemKinds } from '../../answers/problems.ts'
import { UNKNOWN_FIELD } from '../../requests/validation.ts'

/** The error body of docs/vendors/openai-videos.md#error-body. */
export interface OpenaiErrorBody {
  error: { message: string; type: string; param: string | null; code: string | null }
}

interface Face {
  status: number
  type: string
  code: string | null
}

const invalid = (code: string | null): Face => ({ status: 400, type: 'invalid_request_error', code })
const failing: Face = { status: 503, type: 'server_error', code: null }

/**
 * Where the protocol has its own way of saying it (docs/vendors/openai-videos.md#error-catalogue); anything else keeps its
 * status. What cannot be had here is a 400 and never a 5xx or a 409, which the SDKs would send again. So is `conflict`, for
 * example the repetition of a create whose video was deleted: no retry within seconds changes it.
 */
const faces: Partial<Record<ProblemCode, Face>> = {
  validation_failed: invalid('invalid_value'),
  malformed_body: invalid(null),
  character_not_found: invalid('invalid_value'),
  conflict: invalid('conflict'),
  no_upstream: invalid('invalid_value'),
  url_forbidden: invalid('invalid_value'),
  url_unreachable: invalid('invalid_value'),
  not_media: invalid('unsupported_file_mimetype'),
  budget_exceeded: invalid('billing_hard_limit_reached'),
  unauthorized: { status: 401, type: 'invalid_request_error', code: 'invalid_api_key' },
  not_found: { status: 404, type: 'invalid_request_error', code: null },
  video_not_ready: { status: 404, type: 'invalid_request_error', code: null },
  video_gone: { status: 404, type: 'invalid_request_error', code: null },
  rate_limited: { status: 429, type: 'rate_limit_error', code: 'rate_limit_exceeded' },
  too_many_in_flight: { status: 429, type: 'video_generation_user_error', code: 'too_many_in_flight' },
  internal: { status: 500, type: 'server_error', code: null },
  overloaded: failing,
  storage_full: failing,
  storage_unavailable: failing,
}

export function faceOf(code: ProblemCode): Face {
  const usual = { status: problemKinds[code].status, type: 'invalid_request_error', code }
  return faces[code] ?? usual
}

/** In the order in which routing asks: the upstream that was excluded last came closest. */
const closeness: ExclusionCode[] = [
  'disabled',
  'kind_not_allowed',
  'not_in_allow_list',
  'model_unsupported',
  'source_unsupported',
  'duration_unsupported',
  'size_unsupported',
  'reference_unsupported',
  'input_unsupported',
  'audio_unsupported',
  'character_unsupported',
  'over_max_cost',
  'over_budget',
]

const params: Partial<Record<ExclusionCode, string>> = {
  not_in_allow_list: 'understudy-upstreams',
  model_unsupported: 'model',
  duration_unsupported: 'seconds',
  size_unsupported: 'size',
  reference_unsupported: 'input_reference',
  input_unsupported: 'input_references',
  audio_unsupported: 'generate_audio',
  source_unsupported: 'video',
  character_unsupported: 'characters',
  over_max_cost: 'understudy-max-cost-usd',
}

const exclusions = z.array(z.object({ upstream: z.string(), code: z.enum(closeness), detail: z.string() }))

/** Why no upstream can take it, told by the one that came closest. */
function noUpstream(problem: Problem): { message: string; param: string | null } {
  const found = exclusions.safeParse(problem.extra['excluded']).data ?? []
  const [closest] = found.toSorted((a, b) => closeness.indexOf(b.code) - closeness.indexOf(a.code))
  if (closest === undefined) return { message: problem.message, param: null }
  const message = `${problem.message} ${closest.upstream}: ${closest.detail}`
  return { message, param: params[closest.code] ?? null }
}

function detailOf(problem: Problem): { message: string; param: string | null; code: string | null } {
  const { code } = faceOf(problem.code)
  if (problem.code === 'no_upstream') return { ...noUpstream(problem), code }
  const [fault] = problem.faults
  // `/input_reference/image_url` is `input_reference.image_url`; what lies outside of the body keeps its own name.
  const param = fault?.pointer.replace(/^#?\//, '').replace(/^(?:query|headers|path)\//, '') ?? ''
  const theirs = param.replaceAll('/', '.').replace(/^reference(?=\.|$)/, 'input_reference')
  const name = theirs === '' ? null : theirs
  if (name !== null && fault?.detail.startsWith(UNKNOWN_FIELD) === true) {
    const hint = fault.detail.slice(UNKNOWN_FIELD.length)
    return {
      message: `Unknown parameter: '${name}'${hint === '' ? '.' : hint}`,
      param: name,
      code: 'unknown_parameter',
    }
  }
  return { message: problem.message, param: name, code }
}

export function openaiErrorBody(problem: Problem): OpenaiErrorBody {
  const { message, param, code } = detailOf(problem)
  return { error: { message, type: faceOf(problem.code).type, param, code } }
}

/** The error handler of the compatible surfaces: as `answerProblem`, in the envelope that their clients read. */
export function answerOpenaiError(
  error: unknown,
  request: FastifyRequest,
  reply: FastifyReply,
): FastifyReply {
  const problem = noteProblem(error, request, reply)
  return reply.code(faceOf(problem.code).status).send(openaiErrorBody(problem))
}
