import type { Fault, Path } from '../document/config-problem.ts'
import { capabilitiesSchema } from '../schema/capabilities.ts'

/** `characters: stills` at an upstream that, with the capabilities of its dialect, takes no pictures of anybody. */
export function stillsFaults({ characters, capabilities = {} }: Record<string, unknown>, at: Path): Fault[] {
  const parsed = capabilitiesSchema.safeParse(capabilities)
  if (characters !== 'stills' || !parsed.success) return []
  const { image } = parsed.data.references
  if (image !== undefined && image.roles?.includes('subject') !== false) return []
  const message =
    'is stills, but the upstream takes no pictures of a subject; add image to `capabilities.references`, or set this to native, reference or none'
  return [{ path: [...at, 'characters'], message, at: 'value' }]
}
