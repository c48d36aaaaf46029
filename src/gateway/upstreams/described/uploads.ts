import { z } from 'zod'
import type { CreateRequest, MediaSource } from '../../ports/upstream.ts'
import { parseJson } from '../answers/json-body.ts'
import type { Preparation, Prepared, ReceivedAnswer } from '../dialect.ts'
import type { CreateOutcome } from '../../domain/attempts/outcome.ts'
import { buildCall } from './build-call.ts'
import type { Uploads } from './create-values.ts'
import type { UploadsPart } from './description/description-calls.ts'
import type { Values } from './expressions/expression.ts'
import { asText, fill, fillText } from './expressions/template.ts'
import { keptOf } from './operation.ts'

/** How a response is read, and the error for one that lacks a value to store. */
export interface UploadRules {
  read: (answer: ReceivedAnswer) => ReceivedAnswer
  verdict: (answer: ReceivedAnswer) => CreateOutcome
}

/** Uploads the files one after the other; `then` returns what comes after the last one. */
export function uploading(
  part: UploadsPart,
  files: readonly MediaSource[],
  rules: UploadRules,
  then: (uploads: Uploads) => Prepared,
): Prepared {
  const step = (left: readonly MediaSource[], done: Uploads): Prepared => {
    const [file, ...others] = left
    if (file === undefined) return then(done)
    const values = valuesOf(file)
    const call = buildCall(part, values, { named: { file }, all: [file] })
    if (call === null) throw new Error('A described upload has a path with a missing value.')
    const after = (kept: Values) => step(others, { ...done, [file.url]: { ...kept } })
    const preparation: Preparation = {
      call,
      decode(answer) {
        const whole = rules.read(answer)
        const kept = whole.status < 300 ? keptOf(part.keep, parseJson(whole.body), values) : null
        if (kept === null) return rules.verdict(whole)
        return part.send === undefined
          ? after(kept)
          : {
              type: 'further',
              preparation: sending(part.send, file, { ...values, ...kept }, () => after(kept)),
            }
      },
    }
    return { type: 'further', preparation }
  }
  return step(files, {})
}

/** The bytes, to the address that was named for them. Whatever storage says that is no success, no create was asked for. */
function sending(
  part: NonNullable<UploadsPart['send']>,
  file: MediaSource,
  values: Values,
  then: () => Prepared,
): Preparation {
  const to = fillText(part.to, values)
  const fields = part.fields === undefined ? {} : fieldsSchema.parse(fill(part.fields, values))
  const parts = Object.entries(fields).map(([name, value]) => ({ name, value: asText(value) }))
  return {
    call: {
      method: part.method,
      path: '/',
      to,
      headers: part.headers,
      body:
        part.part === undefined
          ? { type: 'file', file }
          : { type: 'multipart', parts: [...parts, { name: part.part, file }] },
    },
    decode({ status }) {
      if (status >= 200 && status < 300) return then()
      const message = `The file could not be uploaded (HTTP ${status}).`
      return { type: 'never_sent', message, retryAfterMs: null }
    },
  }
}

const fieldsSchema = z.record(z.string(), z.json()).catch({})

function valuesOf({ url, contentType, fileName, bytes }: MediaSource) {
  return { file: { url, content_type: contentType, name: fileName, bytes } }
}

/** The files of a create that its description uploads, each once. */
export function uploadedFiles({ of }: UploadsPart, { reference, inputs }: CreateRequest): MediaSource[] {
  const references = inputs?.references ?? []
  const kinds = { images: 'image', videos: 'video', audios: 'audio' } as const
  const found = of.flatMap((input): Array<MediaSource | null | undefined> => {
    if (input === 'first_frame') return [inputs?.firstFrame]
    if (input === 'last_frame') return [inputs?.lastFrame]
    return [
      reference?.kind === kinds[input] ? reference.media : null,
      ...references.filter(({ kind }) => kind === kinds[input]).map(({ media }) => media),
    ]
  })
  const byUrl = new Map(found.flatMap((file) => (file == null ? [] : [[file.url, file] as const])))
  return [...byUrl.values()]
}
