import type { Dialect } from './dialect.ts'
import { createOpenaiVideos } from './openai-videos.ts'
import { isProfile, profiles } from './openai-videos-traits.ts'
import type { UpstreamSettings } from './settings.ts'
import { createSoraTasks } from './sora-tasks.ts'

const openai = Object.keys(profiles)
const soraTasks = ['generic'] as const

/** Dialects by name, with the profiles each has; the first one is the default. */
export const knownDialects: Record<string, { profiles: readonly string[] }> = {
  'openai-videos': { profiles: openai },
  'sora-tasks': { profiles: soraTasks },
}

/** The dialect of an upstream; throws a sentence for a name or profile that is not known. */
export function dialectOf(settings: UpstreamSettings): Dialect {
  const { id, dialect } = settings.spec
  const { profile } = settings
  const known = Object.hasOwn(knownDialects, dialect) ? knownDialects[dialect] : undefined
  if (known === undefined) {
    const names = Object.keys(knownDialects).join(', ')
    throw new Error(
      `Upstream "${id}" has the dialect "${dialect}", which is not known. Known dialects: ${names}.`,
    )
  }
  if (dialect === 'openai-videos') {
    if (isProfile(profile)) return createOpenaiVideos(settings, profile)
  } else if (profile === 'generic') return createSoraTasks(settings)
  throw new Error(
    `Upstream "${id}" has the profile "${profile}", which the dialect "${dialect}" does not have. ` +
      `Known profiles: ${known.profiles.join(', ')}.`,
  )
}
