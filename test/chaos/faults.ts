import type { FaultInput } from '../../src/simulator/faults/fault.ts'
import type { SimulatorControl } from '../../src/simulator/control/control.ts'
import type { Random } from './random.ts'

/**
 * By contract, three "not found" or three "gone" in a row are a verdict. These faults occur at most twice within this
 * time, so that such a verdict is always an error of the gateway.
 */
const verdictPauseMs = 20_000
const verdicts = new Set(['vanished', 'expired'])

type Operation = 'create' | 'poll' | 'list' | 'delete' | 'content' | 'character_create' | 'character_read'

const operations: Operation[] = ['create', 'poll', 'list', 'delete', 'content', 'character_create']

/** Responses after which the job may run: a relay stopped waiting, or a server behind it failed. */
const unknownStatuses = [408, 499, 500, 502, 504, 520, 524]

/** How vendors say that a job was refused. */
const refusals = [
  'output new_sensitive',
  'Failure to pass the risk control system',
  'The output audio may contain sensitive information.',
  'Request blocked due to safety violations (harmful content)',
  'The prompt may violate responsible AI practices (RAI).',
  '视频内容违规，请修改提示词',
  'Frame moderation failed',
  'Contains blacklisted words',
  'Post Img Risk Not Pass',
  'submit is illegal',
  'The uploaded image is not compliant, please replace it and try again',
  'The model refused to generate this content',
]

/** Messages of vendors for a failed job, with words that mean a refusal elsewhere. */
const failures = [
  'The retry policy was exhausted.',
  'CUDA out of memory. Tried to allocate 2.00 GiB',
  'Worker lost: safety margin of the scheduler exceeded',
  'Timed out while reading the sensitive data store',
  'storage policy violation: bucket is read-only',
  'Prompt processing failed',
]

const wrappings = ['gzip', 'br', 'deflate', 'unlabelled_gzip', 'bom', 'envelope', 'echo'] as const

/** Unreadable 2xx responses: the job may have been created. */
const oddBodies = ['empty', 'text', 'cut', 'list'] as const

const oddWords = ['archiving', 'postprocessing', 'throttled', 'SUBMITTED', 'plated', 'upscaling_2x']

function faultOf(random: Random): FaultInput {
  const aim = (): { on?: Operation[] } => (random.chance(0.5) ? {} : { on: [random.pick(operations)] })
  const times = random.int(1, 4)
  const accepted = random.chance(0.6)
  const after = random.int(0, 2)
  const counted = { times, after }
  const twice = { times: random.int(1, 2), after }
  return random.weighted<() => FaultInput>([
    [2, () => ({ kind: 'down', answer: random.pick(['unavailable', 'destroy']), ...counted, ...aim() })],
    [3, () => ({ kind: 'slow', delayMs: random.int(20, 1300), ...counted, ...aim() })],
    [1, () => ({ kind: 'unauthorized', ...counted, ...aim() })],
    [
      2,
      () => ({
        kind: 'rate_limited',
        reason: random.pick(['requests', 'concurrency']),
        ...counted,
        ...aim(),
      }),
    ],
    [1, () => ({ kind: 'rate_limited', retryAfterSeconds: 1, ...counted, ...aim() })],
    [
      2,
      () => ({
        kind: 'overloaded',
        wrapped: random.pick(['in_429', 'in_200', 'in_502']),
        ...counted,
        ...aim(),
      }),
    ],
    [
      5,
      () => ({
        kind: 'server_error',
        // By contract, a 503 is a rejection, so no vendor that accepts the job anyway is simulated.
        status: random.pick(accepted ? unknownStatuses : [...unknownStatuses, 503]),
        body: random.pick(['json', 'html', 'empty']),
        accepted,
        ...counted,
        ...aim(),
      }),
    ],
    [
      3,
      () => ({
        kind: 'hang',
        accepted,
        times: random.int(1, 2),
        after,
        on: [random.pick<Operation>(['create', 'create', 'poll', 'list', 'content'])],
      }),
    ],
    [4, () => ({ kind: 'reset', accepted, ...counted, ...aim() })],
    [1, () => ({ kind: 'html', accepted: false, ...counted, ...aim() })],
    [2, () => ({ kind: 'no_id', ...counted })],
    [2, () => ({ kind: 'odd_body', body: random.pick(oddBodies), accepted, ...counted, ...aim() })],
    [
      1,
      () => ({
        kind: 'billing',
        code: random.pick(['insufficient_quota', 'billing_hard_limit_reached', 'insufficient_credits']),
        times: 1,
        after,
      }),
    ],
    [
      1,
      () => ({
        kind: 'model_gone',
        variant: random.pick(['not_found', 'paused', 'paused_in_200', 'invalid_url']),
        times: 1,
        after,
      }),
    ],
    [1, () => ({ kind: 'invalid_value', times: 1, after })],
    [
      1,
      () => ({
        kind: 'character_invalid',
        code: random.pick(['cameo_permission_denied', 'cameo_not_found']),
        times: 1,
        after,
      }),
    ],
    [
      1,
      () => ({
        kind: 'refused',
        status: random.pick([200, 400, 403, 422, 451, 500, 502]),
        message: random.pick(refusals),
        times: 1,
        after,
      }),
    ],
    [2, () => ({ kind: 'refused_late', message: random.pick(refusals), times: 1, after })],
    [2, () => ({ kind: 'fails_late', message: random.pick(failures), ...counted })],
    [3, () => ({ kind: 'odd_wrapping', style: random.pick(wrappings), ...counted })],
    [1, () => ({ kind: 'stuck', progress: random.int(0, 99), times: 1, after })],
    [3, () => ({ kind: 'vanished', ...twice })],
    [
      2,
      () => ({
        kind: 'odd_progress',
        style: random.pick(['regress', 'float', 'fraction', 'percent', 'missing']),
        ...counted,
      }),
    ],
    [1, () => ({ kind: 'odd_status', word: random.pick(oddWords), ...counted })],
    [2, () => ({ kind: 'no_url', ...counted })],
    [2, () => ({ kind: 'truncated', keep: random.next() * 0.9, ...counted })],
    [1, () => ({ kind: 'drip', bytesPerSecond: random.int(20_000, 80_000), ...counted })],
    [2, () => ({ kind: 'wrong_type', body: random.pick(['html', 'json']), ...counted })],
    [2, () => ({ kind: 'not_ready', ...counted })],
    [2, () => ({ kind: 'expired', status: random.pick([404, 403]), ...twice })],
    [1, () => ({ kind: 'redirect', to: random.pick(['file', 'self']), ...counted })],
  ])()
}

export interface FaultMaker {
  /** Adds a fault, or clears those of one upstream. */
  turn(): void
  /** How often a fault was set, by kind. */
  counts(): Map<string, number>
}

export function createFaultMaker(control: SimulatorControl, ids: string[], random: Random): FaultMaker {
  const counts = new Map<string, number>()
  const lastVerdict = new Map<string, number>()

  const isTooSoon = (upstream: string, kind: string): boolean => {
    const key = `${upstream} ${kind}`
    const pending = control.faults(upstream).some(({ fault, spent }) => fault.kind === kind && !spent)
    if (pending) lastVerdict.set(key, Date.now())
    return Date.now() - (lastVerdict.get(key) ?? -Infinity) < verdictPauseMs
  }
  return {
    turn() {
      const upstream = random.pick(ids)
      const clears = random.chance(0.3)
      const fault = faultOf(random)
      for (const kind of verdicts) for (const id of ids) isTooSoon(id, kind)
      if (clears) return control.clearFaults(upstream)
      if (verdicts.has(fault.kind)) {
        if (isTooSoon(upstream, fault.kind)) return
        lastVerdict.set(`${upstream} ${fault.kind}`, Date.now())
      }
      control.addFault(upstream, fault)
      counts.set(fault.kind, (counts.get(fault.kind) ?? 0) + 1)
    },
    counts: () => counts,
  }
}
