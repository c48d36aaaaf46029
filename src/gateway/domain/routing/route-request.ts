import type { Floor } from '../accounts/client.ts'
import type { RoutingPolicy, SourceVideo } from '../generation/request.ts'
import type { RouteInputs } from '../inputs/route-inputs.ts'
import type { VisualKind } from '../media-kind.ts'
import type { Shape, Size } from './upstream.ts'

/** What routing needs to know of a request. */
export interface RouteRequest {
  model: string
  durationSeconds: number
  size: Size | Shape
  referenceKind: VisualKind | null
  /** Absent: none. */
  inputs?: RouteInputs
  source?: Pick<SourceVideo, 'kind' | 'holder'> & Partial<Pick<SourceVideo, 'durationSeconds'>>
  characters: ReadonlyArray<{
    /** The upstreams that know the character already. */
    boundOn: readonly string[]
    /** Those that have said no to it, or may have made it without our knowing how to name it. */
    failedOn: ReadonlyArray<{ upstream: string; reason: string }>
    /** Whether it has no clip: then there are pictures of it. Absent: it has one. */
    withoutClip?: boolean
    /** How long its clip is. Absent: it is not known, or there is none. */
    clipSeconds?: number
  }>
  /** How long the prompt is where characters are named, and where they are described. */
  promptCharacters: { native: number; reference: number }
}

/** The caller's policy, the floor of its key, and the money that may still be spent. */
export type RoutePolicy = Pick<
  RoutingPolicy,
  'priority' | 'upstreams' | 'fallback' | 'characterFidelity' | 'duration' | 'maxCostMicros' | 'prefer'
> &
  Floor & { budgetLeftMicros: number | null }
