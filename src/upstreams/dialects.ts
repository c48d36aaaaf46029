import type { Dialect } from './dialect.ts'
import { createDescribedDialect } from './described/described-dialect.ts'
import { isPreset, parseDescription, presetNames, readPreset } from './described/presets.ts'
import { createOpenaiVideos } from './openai-videos.ts'
import { isProfile, profiles } from './openai-videos-traits.ts'
import type { UpstreamSettings } from './settings.ts'

const described = { profiles: ['generic'] }

/** Dialects by name, with the profiles each has; the first one is the default. */
export const knownDialects: Record<string, { profiles: readonly string[] }> = {
  'openai-videos': { profiles: Object.keys(profiles) },
  ...Object.fromEntries(presetNames.map((name) => [name, described])),
}

/** The dialect of an upstream; throws a sentence for a name or profile that is not known. */
export function dialectOf(settings: UpstreamSettings): Dialect {
  const { spec, profile, description } = settings
  const { id, dialect } = spec
  if (description !== undefined) return createDescribedDialect(settings, parseDescription(description))
  const known = Object.hasOwn(knownDialects, dialect) ? knownDialects[dialect] : undefined
  if (known === undefined) {
    const names = Object.keys(knownDialects).join(', ')
    throw new Error(
      `Upstream "${id}" has the dialect "${dialect}", which is not known. Known dialects: ${names}.`,
    )
  }
  if (isPreset(dialect)) {
    if (profile === 'generic') return createDescribedDialect(settings, parseDescription(readPreset(dialect)))
  } else if (isProfile(profile)) return createOpenaiVideos(settings, profile)
  throw new Error(
    `Upstream "${id}" has the profile "${profile}", which the dialect "${dialect}" does not have. ` +
      `Known profiles: ${known.profiles.join(', ')}.`,
  )
}
