import type { Floor } from '../accounts/client.ts'
import { fidelityOf } from '../routing/evaluation/character-fit.ts'
import { kindNotAllowed, switchedOff, upstreamNotAllowed } from '../routing/evaluation/floor-fit.ts'
import type { RouteRequest } from '../routing/route-request.ts'
import type { Fidelity, UpstreamKind, UpstreamSpec } from '../routing/upstream.ts'

/** How one upstream would use a character in a scene of it alone, without other inputs. */
export interface ExpectedUse {
  upstream: string
  kind: UpstreamKind
  /** Null: not at all, for this reason. */
  fidelity: Fidelity | null
  reason: string | null
}

/** What lasts is said before what a new binding would mend. */
export function expectedUse(
  character: RouteRequest['characters'][number],
  spec: UpstreamSpec,
  floor: Pick<Floor, 'allow' | 'allowUpstreams'>,
): ExpectedUse {
  const { id: upstream, kind } = spec
  const barred =
    switchedOff(spec.disabled !== true) ?? kindNotAllowed(floor, kind) ?? upstreamNotAllowed(floor, upstream)
  if (barred !== null) return { upstream, kind, fidelity: null, reason: barred }
  const fit = fidelityOf({ characters: [character], referenceKind: null }, spec, { characterFidelity: 'any' })
  return fit.type === 'fit'
    ? { upstream, kind, fidelity: fit.fidelity, reason: null }
    : { upstream, kind, fidelity: null, reason: fit.detail }
}
