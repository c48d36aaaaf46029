import { isSameAccount } from '../attempts/account.ts'
import type { Account } from '../attempts/account.ts'
import type { SourceVideo } from './request.ts'
import type { UpstreamSpec } from '../routing/upstream.ts'

/**
 * How an upstream gets at the video that a request starts from. `held`: it rendered it and still knows it by its own id.
 * `file`: it is given our copy. `reference`: it renders a new video and is shown our copy, which only resembles a remix
 * or an edit and is no extension at all.
 */
export type SourceMode = 'held' | 'file' | 'reference'

/**
 * The source as it is held now: its holder has it only as the account that rendered it. Where that was not kept, it counts
 * as not held, because our copy is never the wrong video.
 */
export function heldNow<Source extends Pick<SourceVideo, 'holder'>>(
  source: Source,
  accountOf: (upstream: string) => Account | undefined,
): Source {
  const { holder } = source
  if (holder === null) return source
  const here = accountOf(holder.upstream)
  const isHeld = here !== undefined && holder.account !== null && isSameAccount(holder.account, here)
  return isHeld ? source : { ...source, holder: null }
}

/** The best way that this upstream has; null when there is none. */
export function sourceModeOf(
  { kind, holder }: Pick<SourceVideo, 'kind' | 'holder'>,
  spec: Pick<UpstreamSpec, 'id' | 'sourceVideos' | 'remixOnly' | 'references'>,
): SourceMode | null {
  const { id, sourceVideos, remixOnly = false, references } = spec
  if (sourceVideos !== undefined && holder?.upstream === id && !(remixOnly && kind !== 'remix')) return 'held'
  if (sourceVideos === 'any' && !remixOnly) return 'file'
  return references.includes('video') && kind !== 'extension' ? 'reference' : null
}

/** Whether the result has the length of the source, whatever lengths the upstream supports. */
export function isKeptAsItIs({ kind }: Pick<SourceVideo, 'kind'>, mode: SourceMode | null): boolean {
  return kind !== 'extension' && mode !== 'reference'
}
