import { z } from 'zod'
import { isSize } from '../config/schema/fields.ts'
import type { Json } from '../domain/json.ts'
import type { CreateCharacterRequest, CreateRequest } from '../ports/upstream.ts'
import type { Dialect, FollowUp, ReceivedAnswer } from '../upstreams/dialect.ts'
import type { ApiCall } from '../upstreams/transport/api-call.ts'
import { createSteps, sampleSections } from './sample-creates.ts'
import { described, media, readAs, received, sent } from './shown-calls.ts'
import type { Recorded, Section } from './shown-calls.ts'

const answer = z.strictObject({
  status: z.int().min(100).max(599).default(200),
  headers: z.record(z.string(), z.string()).default({}),
  body: z.json().default(null),
})
const answers = z.preprocess(
  (value): unknown => (value === undefined || Array.isArray(value) ? value : [value]),
  z.array(answer).default([]),
)

/** What a vendor answered, recorded; and the request to send, where another than the ordinary one is wanted. */
export const fixtureSchema = z.strictObject({
  request: z
    .strictObject({
      model: z.string().default('model-1'),
      prompt: z.string().default('A paper boat sails down a rainy street'),
      duration: z.number().default(10),
      size: z.string().refine(isSize, 'should be WIDTHxHEIGHT').default('1280x720'),
      image_url: z.string().optional(),
      video_url: z.string().optional(),
      handles: z.array(z.string()).default([]),
    })
    .prefault({}),
  character: z
    .strictObject({
      name: z.string().default('mossy'),
      description: z.string().default('a moss troll'),
      clip_url: z.string().default('https://gateway.example/clip.mp4'),
      from_job: z.string().optional(),
    })
    .prefault({}),
  answers: z
    .strictObject({
      upload: answers,
      create: answers,
      poll: answers,
      result: answers,
      list: answers,
      models: answers,
      balance: answers,
      character: answers,
      character_next: answers,
      character_poll: answers,
      character_result: answers,
    })
    .prefault({}),
})

export type Fixture = z.output<typeof fixtureSchema>

/** Plays the recorded answers through a dialect. */
export function play(dialect: Dialect, fixture: Fixture): Section[] {
  const { answers: recorded } = fixture
  const request = createRequest(fixture)
  const created = recorded.create.map((each) => dialect.create.decode(received(each), request))
  const accepted = created.find((outcome) => outcome.type === 'accepted')
  const operation = accepted?.job.operation ?? { id: 'job-1' }
  const poll = { answers: recorded.poll, next: recorded.result }
  const sections: Section[] = [
    { title: 'create', steps: [...createSteps(dialect, request, recorded.upload), ...created.map(readAs)] },
    ...sampleSections(dialect, request, recorded.upload),
    {
      title: 'poll',
      steps: steps(
        () => dialect.poll.encode(operation),
        poll,
        (each) => dialect.poll.decode(each, operation),
      ),
    },
  ]
  if (dialect.list !== null) {
    const { list } = dialect
    const pages = recorded.list.map((each) => readAs(list.decode(received(each))))
    sections.push({ title: 'list', steps: [sent(list.encode(null)), ...pages] })
  }
  sections.push(...probeSections(dialect, fixture))
  return dialect.character === null
    ? sections
    : [...sections, ...characterSections(dialect.character, fixture)]
}

function probeSections({ probes = [] }: Dialect, { answers: recorded }: Fixture): Section[] {
  return probes
    .filter(({ operation }) => operation !== 'list')
    .map(({ operation, call, decode }) => ({
      title: operation,
      steps: [sent(call), ...recorded[operation].map((each) => readAs(decode(received(each))))],
    }))
}

function characterSections(
  character: NonNullable<Dialect['character']>,
  { character: wanted, answers: recorded }: Fixture,
): Section[] {
  const request: CreateCharacterRequest = {
    name: wanted.name,
    description: wanted.description,
    clip: media(wanted.clip_url, 'video/mp4'),
    span: { start: 0, end: 3 },
    fromJob: wanted.from_job === undefined ? null : { id: wanted.from_job },
  }
  const making = { answers: recorded.character, next: recorded.character_next }
  const sections = [
    {
      title: 'character',
      steps: steps(
        () => character.encode(request),
        making,
        (each) => character.decode(each, request),
      ),
    },
  ]
  const { poll } = character
  if (poll === null) return sections
  const operation: Json = operationIn(recorded, character, request)
  const asking = { answers: recorded.character_poll, next: recorded.character_result }
  return [
    ...sections,
    {
      title: 'character poll',
      steps: steps(
        () => poll.encode(operation),
        asking,
        (each) => poll.decode(each, operation),
      ),
    },
  ]
}

/** What the recorded making of a character keeps, else a stand-in. */
function operationIn(
  recorded: Fixture['answers'],
  character: NonNullable<Dialect['character']>,
  request: CreateCharacterRequest,
): Json {
  for (const each of recorded.character) {
    const outcomes = followed(character.decode(received(each), request), recorded.character_next)
    for (const { outcome } of outcomes) if (outcome?.type === 'pending') return outcome.operation
  }
  return { id: 'character-job-1' }
}

/** The call, and what it and the calls that follow it come to. */
function steps<T extends { type: string }>(
  encode: () => ApiCall,
  recorded: { answers: Recorded[]; next: Recorded[] },
  decode: (answer: ReceivedAnswer) => T | FollowUp<T>,
): object[] {
  let call: ApiCall
  try {
    call = encode()
  } catch {
    return [{ needs: 'a recorded answer to the call before it, for what the description keeps of it' }]
  }
  return [
    sent(call),
    ...recorded.answers.flatMap((each) =>
      followed(decode(received(each)), recorded.next).map(({ call: next, outcome }) =>
        next === null ? readAs(outcome ?? {}) : { next: described(next) },
      ),
    ),
  ]
}

function followed<T extends { type: string }>(
  first: T | FollowUp<T>,
  next: readonly Recorded[],
): Array<{ call: ApiCall | null; outcome: T | null }> {
  if (!isFollowUp(first)) return [{ call: null, outcome: first }]
  const [answered, ...others] = next
  const call = { call: first.call, outcome: null }
  return answered === undefined ? [call] : [call, ...followed(first.decode(received(answered)), others)]
}

function isFollowUp<T extends { type: string }>(outcome: T | FollowUp<T>): outcome is FollowUp<T> {
  return outcome.type === 'follow_up'
}

function createRequest({ request }: Fixture): CreateRequest {
  const { model, prompt, duration, size, image_url: image, video_url: video, handles } = request
  const kind = image === undefined ? 'video' : 'image'
  const url = image ?? video
  return {
    idempotencyKey: 'att_1',
    model,
    prompt,
    durationSeconds: duration,
    size: isSize(size) ? size : '1280x720',
    reference:
      url === undefined
        ? null
        : { kind, media: media(url, kind === 'image' ? 'image/png' : 'video/mp4'), influence: null },
    characterHandles: handles,
    inlineCharacters: [],
  }
}
