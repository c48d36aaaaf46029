import type { FastifyRequest } from 'fastify'
import type { GenerationInput } from '../../services/generations/generations.ts'
import { readForm } from '../bodies/form.ts'
import type { FormPlan } from '../bodies/form.ts'
import { toGenerateBody, toGenerationInput } from './generation-input.ts'
import { requestHash } from '../bodies/request-hash.ts'
import { GenerateForm, GenerateRequest } from '../schemas/generations/generate.ts'
import type { Uploads } from '../bodies/uploads.ts'
import { parse } from './validation.ts'

const formPlan: FormPlan = {
  file: 'reference',
  accept: ['image', 'video'],
  json: ['routing', 'metadata', 'webhook_events'],
  numbers: ['duration', 'reference_influence'],
}

export interface AskedGeneration {
  input: GenerationInput
  /** Recognises a repetition of the same request. */
  hash: () => string
}

/** The body of `POST /generate` and `POST /route`, as JSON or as a form. What is accepted by one is accepted by the other. */
export async function readAskedGeneration(
  request: FastifyRequest,
  uploads: Uploads,
): Promise<AskedGeneration> {
  if (!request.isMultipart()) {
    const body = parse(GenerateRequest, request.body)
    return { input: toGenerationInput(body, null), hash: () => requestHash(body, null) }
  }
  const form = await readForm(request, formPlan, uploads)
  const fields = parse(GenerateForm, form.fields)
  const stored = form.file?.stored ?? null
  const body = toGenerateBody(fields, stored)
  const influence = fields.reference_influence ?? null
  return {
    input: toGenerationInput(body, stored && { stored, influence }),
    hash: () => requestHash({ ...body, influence }, stored?.info.sha256 ?? null),
  }
}
