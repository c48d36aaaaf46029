import type { FastifyRequest } from 'fastify'
import type { GenerationInput } from '../../services/generations/generations.ts'
import { readForm } from '../bodies/form.ts'
import type { Form, FormPlan } from '../bodies/form.ts'
import { inputParts } from './asked-inputs.ts'
import { toGenerateBody, toGenerationInput } from './generation-input.ts'
import { requestHash } from '../bodies/request-hash.ts'
import { GenerateForm, GenerateRequest } from '../schemas/generations/generate.ts'
import type { Uploads } from '../bodies/uploads.ts'
import { parse } from './validation.ts'

const formPlan: FormPlan = {
  file: 'reference',
  accept: ['image', 'video'],
  json: ['routing', 'metadata', 'webhook_events', 'references', 'options'],
  numbers: ['duration', 'reference_influence', 'seed'],
  booleans: ['audio'],
  others: inputParts,
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
  const body = toGenerateBody(fields, stored, form.others)
  const influence = fields.reference_influence ?? null
  return {
    input: toGenerationInput(body, stored && { stored, influence }, form.others),
    hash: () => requestHash({ ...body, influence, ...digests(form.others) }, stored?.info.sha256 ?? null),
  }
}

/** The other files of a form, for the hash of the request; nothing where there are none. */
function digests(others: Form['others']): { files?: string[][] } {
  if (others.size === 0) return {}
  const files = [...others].flatMap(([name, each]) =>
    each.map(({ fileName, stored }) => [name, fileName, stored.info.sha256]),
  )
  return { files: files.toSorted((a, b) => (a.join() < b.join() ? -1 : 1)) }
}
