import { randomUUID } from 'node:crypto'
import { hex } from '../../ids.ts'
import type { ProfileName, SimulatedUpstream } from '../../simulated-upstream.ts'
import { hasBearer, jsonReply, sayEnvelope, sayTaskError } from '../../jobs/speech.ts'
import type { Reply, Speech } from '../../jobs/speech.ts'
import { deploymentUnknown, serverError } from '../../faults/vendor-errors.ts'
import { envelope } from '../../jobs/vendor-error.ts'
import type { VendorError } from '../../jobs/vendor-error.ts'

// An import would load all that `node:http` may answer, such as a WebSocket: 25 ms of a start.
const { STATUS_CODES } = process.getBuiltinModule('node:http')

/**
 * The errors of servers of `openai-videos` (docs/vendors/openai-videos.md#error-catalogue,
 * docs/vendors/self-hosted-servers.md).
 */
const saying: Record<Exclude<ProfileName, 'vllm-omni'>, (error: VendorError) => Reply> = {
  openai: sayOfficial,
  azure: sayAzure,
  'new-api': sayTaskError,
  sglang: (error) => sayDetail(error.kind === 'overloaded' ? busyServer : error),
  trtllm: sayTensorRt,
  'gemini-compat': sayGoogle,
}

export function openaiSpeech(upstream: SimulatedUpstream, profile: ProfileName): Speech {
  const silent = upstream.silentRefusals ?? profile === 'trtllm'
  const say = profile === 'vllm-omni' ? (error: VendorError) => sayVllm(upstream, error) : saying[profile]
  return {
    say: (error) => say(silent && error.kind === 'refused' ? silentRefusal : error),
    refusal: { atCreate: 'moderation_blocked', late: 'moderation_blocked' },
    withoutId: { object: 'video', status: 'queued' },
    newJobId: (model) => newId(profile, upstream.idForm, model),
    isAuthorized(headers, apiKey) {
      // SGLang's diffusion server needs no key.
      if (profile === 'sglang') return true
      // Azure's documentation: `api-key`, or a bearer token of Entra.
      return hasBearer(headers, apiKey) || (profile === 'azure' && headers['api-key'] === apiKey)
    },
  }
}

function newId(profile: ProfileName, form: SimulatedUpstream['idForm'], model: string): string {
  if (form === 'colon') return `${model}:task_${hex(8)}`
  // LiteLLM encodes routing data in its ids (docs/vendors/relays.md#litellm).
  if (form === 'long')
    return `video_${Buffer.from(`litellm:custom_llm_provider:${hex(64)}`).toString('base64url')}`
  if (profile === 'new-api') return `task_${hex(16)}`
  if (profile === 'sglang') return randomUUID()
  if (profile === 'vllm-omni') return `video_gen_${hex(16)}`
  return profile === 'azure' ? `video_${hex(16)}` : `video_${hex(24)}`
}

/** A guardrail's refusal that does not say so (docs/vendors/self-hosted-servers.md#tensorrt-llm). */
const silentRefusal: VendorError = { ...serverError(500), message: 'Video generation failed' }

const busyServer: VendorError = {
  ...serverError(503),
  message: 'The server is overloaded, try again later.',
}

/**
 * `processing_error`, the official code for overload, comes without a reseller's code
 * (docs/vendors/openai-videos.md#error-catalogue).
 */
function sayOfficial(error: VendorError): Reply {
  if (error.kind !== 'overloaded') return sayEnvelope(error)
  const message = 'We are currently under heavy load. Please try again later.'
  return jsonReply(error.status, envelope({ ...error, code: 'processing_error', message }))
}

/** Azure calls a model a deployment. */
function sayAzure(error: VendorError): Reply {
  const isModel = error.kind === 'model_gone' || (error.kind === 'invalid' && error.param === 'model')
  return sayOfficial(isModel ? deploymentUnknown : error)
}

/** vLLM's envelope around all errors of FastAPI: the phrase of the status as type, and the location of the field. */
function sayVllm(upstream: SimulatedUpstream, error: VendorError): Reply {
  const { kind, param } = error
  if (kind === 'unauthorized') return jsonReply(401, { error: 'Unauthorized' })
  // Without a route, its error handlers do not run.
  if (kind === 'url_unknown') return jsonReply(404, { detail: 'Not Found' })
  if (error.code === 'value_error' && param === null)
    return vllmReply(400, error.message, null, 'BadRequestError')
  const isModel = param === 'model' && (kind === 'invalid' || kind === 'model_gone')
  if (isModel) {
    const message = `Model mismatch: request specifies 'another' but server is running '${upstream.models[0] ?? ''}'.`
    return vllmReply(400, message)
  }
  const { status, message } = kind === 'overloaded' ? busyServer : error
  // The route itself parses a reference that is JSON in a string or a file.
  const isParsed = param !== null && (error.code === 'value_error' || !param.endsWith('_reference'))
  const isField = kind === 'invalid' && isParsed
  const place = param === 'limit' || param === 'order' ? 'query' : 'body'
  return vllmReply(isField ? 400 : status, plainSentence(kind, message), isField ? `${place}.${param}` : null)
}

function vllmReply(
  status: number,
  message: string,
  param: string | null = null,
  type = STATUS_CODES[status] ?? 'Error',
): Reply {
  return jsonReply(status, { error: { message, type, param, code: status } })
}

/** Messages of FastAPI and the servers built on it. */
function plainSentence(kind: VendorError['kind'], message: string): string {
  if (kind === 'job_unknown') return 'Video not found'
  return kind === 'url_unknown' ? 'Not Found' : message
}

/** FastAPI's own format: a list for a field that it parsed itself, a sentence otherwise. */
function sayDetail({ kind, status, message, param, code }: VendorError): Reply {
  const sentence = plainSentence(kind, message)
  if (status !== 422 || param === null) return jsonReply(status, { detail: sentence })
  return jsonReply(422, {
    detail: [
      { type: code ?? 'value_error', loc: [param === 'limit' ? 'query' : 'body', param], msg: sentence },
    ],
  })
}

/** `ErrorResponse` of trtllm-serve: `code` is the status, `type` the kind of error. */
function sayTensorRt(error: VendorError): Reply {
  if (error.kind === 'url_unknown') return sayDetail(error)
  const { status, message } = error.kind === 'overloaded' ? busyServer : error
  const type = status === 404 ? 'NotFoundError' : status >= 500 ? 'InternalServerError' : 'BadRequestError'
  return jsonReply(status, { object: 'error', message, type, param: null, code: status })
}

const googleStatus: Readonly<Record<number, string>> = {
  400: 'INVALID_ARGUMENT',
  401: 'UNAUTHENTICATED',
  402: 'RESOURCE_EXHAUSTED',
  403: 'PERMISSION_DENIED',
  404: 'NOT_FOUND',
  429: 'RESOURCE_EXHAUSTED',
  503: 'UNAVAILABLE',
}

function sayGoogle(error: VendorError): Reply {
  const { status, message } =
    error.kind === 'overloaded'
      ? { status: 503, message: 'The model is overloaded. Please try again later.' }
      : error
  return jsonReply(status, { error: { code: status, message, status: googleStatus[status] ?? 'INTERNAL' } })
}
