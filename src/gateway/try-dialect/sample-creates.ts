import { noCreateInputs } from '../ports/upstream.ts'
import { mediaKinds } from '../domain/media-kind.ts'
import type { MediaKind } from '../domain/media-kind.ts'
import type { CreateInputs, CreateRequest } from '../ports/upstream.ts'
import type { Dialect, PreparedValues } from '../upstreams/dialect.ts'
import { media, readAs, received, sent } from './shown-calls.ts'
import type { Recorded, Section } from './shown-calls.ts'

const firstFrame = media('https://gateway.example/first-frame.png', 'image/png')
const lastFrame = media('https://gateway.example/last-frame.png', 'image/png')
const files = {
  image: media('https://gateway.example/reference.png', 'image/png'),
  video: media('https://gateway.example/reference.mp4', 'video/mp4'),
  audio: media('https://gateway.example/reference.mp3', 'audio/mpeg'),
}

function reference(kind: MediaKind): CreateInputs['references'][number] {
  return {
    kind,
    role: kind === 'video' ? 'motion' : kind === 'audio' ? 'voice' : 'subject',
    name: null,
    media: files[kind],
  }
}

const samples: ReadonlyArray<{ title: string; inputs: Partial<CreateInputs> }> = [
  { title: 'first frame', inputs: { firstFrame } },
  { title: 'first and last frame', inputs: { firstFrame, lastFrame } },
  ...mediaKinds.map((kind) => ({ title: `${kind} reference`, inputs: { references: [reference(kind)] } })),
  { title: 'audio', inputs: { audio: true } },
  { title: 'seed', inputs: { seed: 7 } },
]

/** A create for each input that the description uses. `recorded`: answers to the calls before each of them. */
export function sampleSections(
  dialect: Dialect,
  request: CreateRequest,
  recorded: readonly Recorded[],
): Section[] {
  return samples.flatMap(({ title, inputs }) => {
    const asked = { ...request, reference: null, inputs: { ...noCreateInputs, ...inputs } }
    if ('type' in dialect.create.encode(asked)) return []
    return [{ title: `create with ${title}`, steps: createSteps(dialect, asked, recorded) }]
  })
}

/** The calls before a create, as far as answers are recorded, and the create. */
export function createSteps(
  dialect: Dialect,
  request: CreateRequest,
  recorded: readonly Recorded[],
): object[] {
  const { steps, values } = prepare(dialect, request, recorded)
  const call = dialect.create.encode(request, values)
  return [...steps, 'type' in call ? call : sent(call)]
}

function prepare(
  dialect: Dialect,
  request: CreateRequest,
  recorded: readonly Recorded[],
): { steps: object[]; values: PreparedValues } {
  const steps: object[] = []
  const left = [...recorded]
  let next = dialect.prepare?.(request) ?? null
  while (next !== null) {
    steps.push(sent(next.call))
    const answer = left.shift()
    if (answer === undefined) {
      const needs =
        'a recorded answer to the call before, under `upload`; the create lacks what is kept of it'
      return { steps: [...steps, { needs }], values: {} }
    }
    const outcome = next.decode(received(answer))
    if (outcome.type === 'prepared') return { steps, values: outcome.values }
    if (outcome.type !== 'further') return { steps: [...steps, readAs(outcome)], values: {} }
    next = outcome.preparation
  }
  return { steps, values: {} }
}
