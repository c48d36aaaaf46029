import type { SubmissionPause } from './submission-pause.ts'
import type { CostRules } from '../attempts/vendor-cost.ts'
import type { CharacterMaterial } from '../characters/character.ts'
import type { Capabilities } from '../inputs/capabilities.ts'
import type { Pixels } from '../inputs/picture.ts'
import type { DaySpend } from '../steering/spend-cap.ts'
import type { VisualKind } from '../media-kind.ts'

export const upstreamKinds = ['official', 'reverse', 'self_hosted'] as const
export type UpstreamKind = (typeof upstreamKinds)[number]
/**
 * What a character is to an upstream in one generation. `native`: it knows the character. `inline`: the clip or stills of the
 * character are sent with the create, as a character of their own. `reference`: it is shown the clip and told the description.
 */
export const fidelities = ['native', 'inline', 'reference'] as const
export type Fidelity = (typeof fidelities)[number]
/** Whose videos may be the source of another there: nobody's, only its own, or any. */
export const sourceSupports = ['none', 'own', 'any'] as const
export type SourceSupport = (typeof sourceSupports)[number]
/** Which calls there start from a video: remix, edit and extension; a remix of its own videos; or none. */
export const sourceCalls = ['all', 'remix', 'none'] as const
export type SourceCalls = (typeof sourceCalls)[number]
/**
 * How an upstream takes characters. `native`: created there before they are used. `inline`: clips are sent with each create.
 * `stills`: pictures are sent with each create, as references. `reference`: one clip is sent as the reference of the create.
 */
export const characterModes = ['native', 'inline', 'stills', 'reference', 'none'] as const
export type CharacterMode = (typeof characterModes)[number]
export const chargeMoments = ['success', 'create'] as const
export type ChargeMoment = (typeof chargeMoments)[number]
/** Pixels, `WIDTHxHEIGHT`. */
export type Size = Pixels
export const shapes = ['landscape', 'portrait'] as const
export type Shape = (typeof shapes)[number]

/**
 * Money is integer micro-dollars everywhere inside. `default` is always present; other keys are sizes and resolutions, each
 * also with `+audio` behind it for a video with sound.
 */
export type Price =
  | { type: 'per_request'; micros: number }
  | { type: 'per_second'; micros: { default: number; [picture: string]: number } }

/** Seconds from the start of a video. */
export interface ClipSpan {
  start: number
  end: number
}

/** What is configured about an upstream and never changes while the process runs. */
export interface UpstreamSpec {
  id: string
  kind: UpstreamKind
  dialect: string
  /** Our model id → theirs. */
  models: Record<string, string>
  /** Whether it gets no new work; what is under way there goes on. Absent: no. */
  disabled?: boolean
  /** Supported lengths in seconds, ascending; null means any. */
  durations: number[] | null
  /** If any length is supported: whether it must be a whole number of seconds, and the longest. Absent: no; no limit. */
  wholeSeconds?: boolean
  maxSeconds?: number
  /** null means any. */
  sizes: Size[] | null
  references: VisualKind[]
  /** Which videos it remixes, edits and extends: those it rendered itself, or files as well. Absent: none. */
  sourceVideos?: Exclude<SourceSupport, 'none'>
  /** Whether of these calls it only has the remix, and only of its own videos. */
  remixOnly?: boolean
  /** Absent: nothing beside what is said here. */
  capabilities?: Capabilities
  characters: CharacterMode
  maxCharacters: number
  /** What native characters are created from there: a clip, pictures, or either. Absent: a clip. */
  charactersFrom?: CharacterMaterial[]
  /** How long a clip it makes a character of; null takes any. */
  characterClip: { minSeconds: number; maxSeconds: number } | null
  /** Of a prompt as sent; null takes any. */
  maxPromptCharacters: number | null
  price: Price
  /** Micro-dollars of each second of a video that goes along as an input. Absent: nothing. */
  inputSecondMicros?: number
  chargedOn: ChargeMoment
  /** Absent: the usual ones. */
  costRules?: CostRules
  maxInFlight: number | null
  /** Whether nobody but this gateway makes jobs there, so that a job that nobody else owns is ours. Absent: no. */
  exclusive?: boolean
  createsPerMinute: number | null
  pollsPerSecond: number | null
  /** What the attempts that start on one day (UTC) may cost, in micro-dollars. Absent: no limit. */
  spendMicrosPerDay?: number
  /** `learns`: false to poll at these times whatever earlier jobs took. Absent: true. */
  poll: { firstAfterMs: number; everyMs: number; learns?: boolean }
  /** Milliseconds without a change of status or progress, and milliseconds in all, after which a job is abandoned. */
  stallMs: number
  attemptMs: number
}

export const operations = ['create', 'poll', 'fetch', 'character'] as const
export type Operation = (typeof operations)[number]
export const breakerStates = ['closed', 'half_open', 'open'] as const
export type BreakerState = (typeof breakerStates)[number]

export interface BreakerView {
  state: BreakerState
  /** When an open breaker lets its probe through (ms since epoch); null while closed. */
  retryAt: number | null
}

/** What a reset ended. */
export interface BreakerReset {
  operation: Operation
  /** What the breaker was before. */
  before: BreakerState
  /** Models that are tried again at once, by their names at the upstream. */
  models: string[]
}

/** A model (by the upstream's name for it) that the upstream says it does not serve now. */
export interface Outage {
  model: string
  /** What the upstream said. */
  reason: string
  /** When it is tried again (ms since epoch). */
  until: number
}

/** What routing sees of an upstream: its spec and what is true of it now. Plain data, gathered by the caller. */
export interface UpstreamView {
  spec: UpstreamSpec
  enabled: boolean
  /** What keeps creates from it; null or absent if nothing does. */
  pause?: SubmissionPause | null
  /** Absent if it was not counted. */
  spend?: DaySpend
  breakers: Record<Operation, BreakerView>
  outages: readonly Outage[]
  /** Free job slots; null when unlimited. */
  freeSlots: number | null
  /** 0-1 over recent attempts; null when nothing was measured. */
  successRate: number | null
  /** How many of the recent attempts failed for no reason that is known. */
  unexplainedFailures: number
  /** Median milliseconds from create to completed; null when nothing was measured. */
  latencyMs: number | null
}
