import type { CreateRequest, MediaSource } from '../../ports/upstream.ts'
import { parseJson } from '../answers/json-body.ts'
import type { Preparation, Prepared, ReceivedAnswer } from '../dialect.ts'
import type { CreateOutcome } from '../../domain/attempts/outcome.ts'
import { buildCall } from './build-call.ts'
import type { Uploads } from './create-values.ts'
import type { UploadsPart } from './description/description-calls.ts'
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
    const preparation: Preparation = {
      call,
      decode(answer) {
        const whole = rules.read(answer)
        const kept = whole.status < 300 ? keptOf(part.keep, parseJson(whole.body), values) : null
        return kept === null ? rules.verdict(whole) : step(others, { ...done, [file.url]: kept })
      },
    }
    return { type: 'further', preparation }
  }
  return step(files, {})
}

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
