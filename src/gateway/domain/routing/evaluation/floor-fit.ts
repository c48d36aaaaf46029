import type { Floor } from '../../accounts/client.ts'
import type { UpstreamKind } from '../upstream.ts'

/** Why a key gets nothing of any upstream that is switched off, of this kind, or of this one; null where it does. */
export const switchedOff = (enabled: boolean): string | null => (enabled ? null : 'The upstream is disabled.')

export const kindNotAllowed = ({ allow }: Pick<Floor, 'allow'>, kind: UpstreamKind): string | null =>
  allow.includes(kind) ? null : `This key may not use ${kind} upstreams.`

export const upstreamNotAllowed = (
  { allowUpstreams }: { allowUpstreams?: readonly string[] | null },
  id: string,
): string | null => (allowUpstreams?.includes(id) === false ? 'This key may not use this upstream.' : null)
