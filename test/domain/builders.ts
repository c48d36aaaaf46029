import type { GenerationEvent, NewAttempt } from '../../src/gateway/domain/generation/event.ts'
import type { Failure, FailureCode } from '../../src/gateway/domain/generation/failure.ts'
import type { Attempt, Generation, VideoAsset } from '../../src/gateway/domain/generation/generation.ts'
import type { LogEntry, LogEntryType } from '../../src/gateway/domain/generation/history.ts'
import type { AttemptId } from '../../src/gateway/domain/ids.ts'
import type { CreateOutcome, JobReport } from '../../src/gateway/domain/attempts/outcome.ts'
import type { Candidate } from '../../src/gateway/domain/generation/plan.ts'
import type {
  CharacterUse,
  GenerationRequest,
  RoutingPolicy,
} from '../../src/gateway/domain/generation/request.ts'
import type { RoutePolicy, RouteRequest } from '../../src/gateway/domain/routing/route-request.ts'
import { newAttempt } from '../../src/gateway/domain/attempts/new-attempt.ts'
import { transition } from '../../src/gateway/domain/attempts/transition.ts'
import type {
  BreakerView,
  Operation,
  UpstreamSpec,
  UpstreamView,
} from '../../src/gateway/domain/routing/upstream.ts'

/** 2026-03-01T00:00:00Z. */
export const T0 = 1_772_323_200_000
export const SECOND = 1000
export const DEADLINE_MS = 1800 * SECOND
export const ATTEMPT_MS = 900 * SECOND
export const STALL_MS = 300 * SECOND
export const HOLD_MS = 600 * SECOND
export const WATCH_MS = 24 * 3600 * SECOND
/** Part of every prompt in these tests, to detect leaks. */
export const PROMPT_MARK = 'umbrella-of-seven-colours'

/** The account of all jobs in these tests. */
export const vendorAccount = { origin: 'https://vendor.example/v1', credential: 'hash' }

const closed: BreakerView = { state: 'closed', retryAt: null }

export function open(retryAt: number | null = null): BreakerView {
  return { state: 'open', retryAt }
}

/** An upstream that supports everything by default. */
export function aSpec(overrides: Partial<UpstreamSpec> = {}): UpstreamSpec {
  return {
    id: 'any',
    kind: 'official',
    dialect: 'openai-videos',
    models: { 'sora-2': 'sora-2' },
    durations: null,
    sizes: null,
    references: ['image', 'video'],
    characters: 'native',
    maxCharacters: 5,
    characterClip: null,
    maxPromptCharacters: null,
    price: { type: 'per_request', micros: 500_000 },
    chargedOn: 'success',
    maxInFlight: null,
    createsPerMinute: null,
    pollsPerSecond: null,
    poll: { firstAfterMs: 20 * SECOND, everyMs: 5 * SECOND },
    stallMs: STALL_MS,
    attemptMs: ATTEMPT_MS,
    ...overrides,
  }
}

export function aView(
  spec: Partial<UpstreamSpec> = {},
  {
    breakers,
    ...rest
  }: Partial<Omit<UpstreamView, 'spec' | 'breakers'>> & {
    breakers?: Partial<Record<Operation, BreakerView>>
  } = {},
): UpstreamView {
  return {
    spec: aSpec(spec),
    enabled: true,
    breakers: { create: closed, poll: closed, fetch: closed, character: closed, ...breakers },
    outages: [],
    freeSlots: null,
    successRate: null,
    unexplainedFailures: 0,
    latencyMs: null,
    ...rest,
  }
}

/** The vendors of the documented example: a cheap one with native characters, and an expensive one with references. */
export const reseller: Partial<UpstreamSpec> = {
  id: 'reseller-a',
  kind: 'reverse',
  dialect: 'sora-tasks',
  durations: [5, 10, 15],
  sizes: ['1280x720', '720x1280'],
  references: [],
  characters: 'native',
  price: { type: 'per_request', micros: 120_000 },
}
export const official: Partial<UpstreamSpec> = {
  id: 'openai',
  kind: 'official',
  durations: [4, 8, 12],
  sizes: ['1280x720', '720x1280'],
  references: ['image', 'video'],
  characters: 'reference',
  price: { type: 'per_second', micros: { default: 100_000 } },
}
export const ownServer: Partial<UpstreamSpec> = {
  id: 'gpu-1',
  kind: 'self_hosted',
  characters: 'none',
  price: { type: 'per_request', micros: 300_000 },
}

export function aRouteRequest(overrides: Partial<RouteRequest> = {}): RouteRequest {
  return {
    model: 'sora-2',
    durationSeconds: 10,
    size: 'landscape',
    referenceKind: null,
    characters: [],
    promptCharacters: { native: 100, reference: 100 },
    ...overrides,
  }
}

/** A character as routing sees it, with bindings on these upstreams. */
export function anAvailability(...boundOn: string[]): RouteRequest['characters'][number] {
  return { boundOn, failedOn: [] }
}

export function aPolicy(overrides: Partial<RoutePolicy> = {}): RoutePolicy {
  return {
    priority: 'cost',
    upstreams: null,
    fallback: true,
    characterFidelity: 'any',
    duration: 'nearest',
    maxCostMicros: null,
    prefer: null,
    allow: ['official', 'reverse', 'self_hosted'],
    allowUpstreams: null,
    allowModels: null,
    budgetLeftMicros: null,
    ...overrides,
  }
}

export function aCandidate(overrides: Partial<Candidate> = {}): Candidate {
  return {
    upstream: 'a',
    kind: 'reverse',
    fidelity: null,
    model: 'sora-2',
    durationSeconds: 10,
    size: '1280x720',
    estimatedCostMicros: 120_000,
    reason: 'cheapest',
    ...overrides,
  }
}

export const coffeeGirl: CharacterUse = {
  id: 'char_01k00000000000000000000001',
  name: 'coffee_girl',
  description: 'A woman in a green apron',
}
export const oldMan: CharacterUse = {
  id: 'char_01k00000000000000000000002',
  name: 'old_man',
  description: 'An old man with a cane',
}

export function aRequest(
  routing: Partial<RoutingPolicy> = {},
  overrides: Partial<Omit<GenerationRequest, 'routing'>> = {},
): GenerationRequest {
  return {
    prompt: `a walk under the ${PROMPT_MARK}`,
    model: 'sora-2',
    durationSeconds: 10,
    size: 'landscape',
    reference: null,
    characters: [],
    routing: {
      priority: 'cost',
      upstreams: null,
      fallback: true,
      characterFidelity: 'any',
      duration: 'nearest',
      onUnknown: 'fail',
      prefer: null,
      maxCostMicros: null,
      deadlineMs: DEADLINE_MS,
      ...routing,
    },
    webhookUrl: null,
    webhookEvents: [],
    metadata: {},
    ...overrides,
  }
}

/** Queued at T0 with the candidates `a`, `b` and `c`. */
export function aGeneration(
  routing: Partial<RoutingPolicy> = {},
  overrides: Partial<Generation> = {},
): Generation {
  const request = aRequest(routing)
  return {
    id: 'gen_01k00000000000000000000000',
    tenant: 'studio',
    key: 'marketing',
    keyId: null,
    allow: ['official', 'reverse', 'self_hosted'],
    allowUpstreams: null,
    allowModels: null,
    status: 'queued',
    progress: 0,
    request,
    plan: {
      priority: 'cost',
      candidates: ['a', 'b', 'c'].map((upstream) => aCandidate({ upstream })),
      standby: [],
      excluded: [],
      estimatedCostMicros: 120_000,
      worstCaseCostMicros: 360_000,
    },
    attempts: [],
    warnings: [],
    video: null,
    error: null,
    createdAt: T0,
    completedAt: null,
    deadlineAt: T0 + request.routing.deadlineMs,
    nextAttemptAt: T0,
    dueAt: T0,
    ...overrides,
  }
}

export function attemptId(number: number): AttemptId {
  return `att_${String(number).padStart(26, '0')}`
}

export function aNewAttempt(number: number, overrides: Partial<NewAttempt> = {}): NewAttempt {
  return {
    id: attemptId(number),
    upstream: 'abcdefgh'[number - 1] ?? 'z',
    kind: 'reverse',
    fidelity: null,
    model: 'sora-2',
    durationSeconds: 10,
    size: '1280x720',
    reservedMicros: 120_000,
    chargedOn: 'success',
    baseline: { cheapestMicros: 120_000, officialMicros: 1_000_000 },
    stallMs: STALL_MS,
    attemptMs: ATTEMPT_MS,
    ...overrides,
  }
}

/** A complete attempt, for rules that only read one. */
export function anAttempt(overrides: Partial<Attempt> = {}): Attempt {
  return {
    ...newAttempt(aNewAttempt(1), T0),
    state: 'running',
    prompt: 'rendered',
    upstreamId: 'job-1',
    submittedAt: T0,
    acceptedAt: T0,
    ...overrides,
  }
}

export function aFailure(code: FailureCode, overrides: Partial<Failure> = {}): Failure {
  return { code, message: `it was ${code}`, fallback: true, retryAfterMs: null, ...overrides }
}

export function aVideo(overrides: Partial<VideoAsset> = {}): VideoAsset {
  return {
    mediaId: 'media_01k00000000000000000000000',
    contentType: 'video/mp4',
    bytes: 1234,
    sha256: '0'.repeat(64),
    durationSeconds: 10,
    width: 1280,
    height: 720,
    expiredAt: null,
    ...overrides,
  }
}

/** Freezes an object recursively, so that a rule that changes its input throws. */
export function deepFreeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value)
    for (const inner of Object.values(value)) deepFreeze(inner)
  }
  return value
}

type WithoutTime = GenerationEvent extends infer Event
  ? Event extends GenerationEvent
    ? Omit<Event, 'at'>
    : never
  : never

/** One generation played through events, with its own clock. */
export interface Story {
  readonly generation: Generation
  readonly entries: LogEntry[]
  now: number
  /** Applies an event now and returns its log entries. */
  tell(event: WithoutTime): LogEntry[]
  attempt(number: number): Attempt
  types(): LogEntryType[]
  /** Starts the attempt with this number. */
  start(number: number, overrides?: Partial<NewAttempt>): void
  submit(number: number): void
  answer(number: number, outcome: CreateOutcome): LogEntry[]
  report(number: number, report: JobReport): LogEntry[]
}

export function aStory(generation: Generation = aGeneration()): Story {
  let current = deepFreeze(generation)
  const entries: LogEntry[] = []
  const story: Story = {
    get generation() {
      return current
    },
    entries,
    now: T0,
    tell(event) {
      const step = transition(current, deepFreeze({ ...event, at: story.now }))
      current = deepFreeze(step.generation)
      entries.push(...step.entries)
      return step.entries
    },
    attempt(number) {
      const attempt = current.attempts.find(({ id }) => id === attemptId(number))
      if (attempt === undefined) throw new Error(`there is no attempt ${number}`)
      return attempt
    },
    types: () => entries.map(({ type }) => type),
    start(number, overrides = {}) {
      story.tell({ type: 'attempt_started', attempt: aNewAttempt(number, overrides), warnings: [] })
    },
    submit(number) {
      const prompt = `rendered: ${PROMPT_MARK}`
      story.tell({
        type: 'submitting',
        attemptId: attemptId(number),
        to: vendorAccount,
        prompt,
        warnings: [],
      })
    },
    answer: (number, outcome) =>
      story.tell({
        type: 'create_ended',
        attemptId: attemptId(number),
        outcome,
        nextAt: story.now + 2 * SECOND,
        holdUntil: story.now + HOLD_MS,
      }),
    report: (number, report) =>
      story.tell({
        type: 'job_reported',
        attemptId: attemptId(number),
        report,
        // Told early or not: nothing came in between.
        askedAt: Math.max(story.now, story.attempt(number).dueAt ?? 0),
        nextAt: story.now + 5 * SECOND,
      }),
  }
  return story
}

export function accepted(upstreamId = 'job-1', model: string | null = null): CreateOutcome {
  return { type: 'accepted', job: { upstreamId, operation: { id: upstreamId }, model } }
}

export function running(
  progress: number | null = null,
  status = 'in_progress',
  retryAfterMs: number | null = null,
): JobReport {
  return { type: 'running', status, progress, retryAfterMs }
}

export const completed: Extract<JobReport, { type: 'completed' }> = {
  type: 'completed',
  result: { url: '/content' },
  model: null,
}
export const unknown: CreateOutcome = { type: 'unknown', message: 'the connection was reset' }

/** A story whose first attempt is in this state; `routing` sets onUnknown and the rest. */
export function storyIn(
  state: 'binding' | 'submitting' | 'unknown' | 'running' | 'archiving' | 'abandoned',
  routing: Partial<RoutingPolicy> = {},
  attempt: Partial<NewAttempt> = {},
): Story {
  const story = aStory(aGeneration(routing))
  story.start(1, attempt)
  if (state === 'binding') return story
  story.submit(1)
  if (state === 'submitting') return story
  if (state === 'unknown') {
    story.answer(1, unknown)
    return story
  }
  story.answer(1, accepted())
  if (state === 'running') return story
  if (state === 'archiving') {
    story.report(1, completed)
    return story
  }
  story.report(1, running())
  story.now += STALL_MS
  story.report(1, running())
  return story
}
