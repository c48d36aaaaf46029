import { z } from 'zod'
import type { CharacterMaterial } from '../domain/characters/character.ts'
import type { Dialect } from './dialect.ts'
import { createDescribedDialect } from './described/described-dialect.ts'
import { descriptionSchema } from './described/description/description.ts'
import { characterMaterialsOf, namesUsedBy } from './described/description/used-names.ts'
import { namesIn } from './described/expressions/names.ts'
import { isPreset, presetNames } from './described/preset-names.ts'
import type { PresetName } from './described/preset-names.ts'
import { parseDescription, presetDescription, readPreset, wholeDescription } from './described/presets.ts'
import type { RawDescription } from './described/presets.ts'
import { said } from './openai-videos/create.ts'
import { createOpenaiVideos } from './openai-videos/openai-videos.ts'
import { isProfile, profiles, traitsSchema } from './openai-videos/traits.ts'
import type { Traits } from './openai-videos/traits.ts'
import type { UpstreamSettings } from './settings.ts'

interface KnownDialect {
  profiles: readonly string[]
  traits?: z.ZodType
  keepsCharacters?: (profile: string, traits: RawDescription) => boolean
  takesClips: (profile: string, traits: RawDescription) => boolean
  capabilities?: () => RawDescription
  says: () => ReadonlySet<string>
  signs?: () => Signs
  paths: () => { create: string; base: string | null } | undefined
  charactersFrom?: () => readonly CharacterMaterial[]
  sources: (profile: string, traits: RawDescription) => Traits['sources']
  lengths?: (profile: string, traits: RawDescription) => { wholeSeconds?: boolean; maxSeconds?: number }
}

function capabilitiesIn({ capabilities }: RawDescription): RawDescription {
  return z.record(z.string(), z.unknown()).catch({}).parse(capabilities)
}

/** What a key pair is for: calls to the upstream itself, and those of its services, which make characters. */
interface Signs {
  calls: boolean
  services: boolean
}

const signing = z.object({
  auth: z.object({ key_pair: z.unknown() }).optional().catch(undefined),
  services: z.record(z.string(), z.unknown()).catch({}).default({}),
})

function signsIn(raw: RawDescription): Signs {
  const { auth, services } = signing.parse(raw)
  return { calls: auth?.key_pair != null, services: Object.keys(services).length > 0 }
}

const addressed = z.object({
  base_path: z.string().nullable().catch(null).default(null),
  create: z.object({ path: z.string() }),
})

function pathsIn(raw: RawDescription): { create: string; base: string | null } | undefined {
  const { data } = addressed.safeParse(raw)
  return data && { create: data.create.path, base: data.base_path }
}

/** Descriptions have no call that starts from a video. */
function described(name: PresetName): KnownDialect {
  const takesClips = () => presetDescription(name).create.inline_characters > 0
  return {
    profiles: ['generic'],
    takesClips,
    sources: () => 'none',
    capabilities: () => capabilitiesIn(readPreset(name)),
    signs: () => signsIn(readPreset(name)),
    paths: () => pathsIn(readPreset(name)),
    says: () => namesUsedBy(presetDescription(name)),
    charactersFrom: () => characterMaterialsOf(presetDescription(name)),
  }
}

/** Dialects by name, with their profiles; the first profile is the default. */
export const knownDialects: Record<string, KnownDialect> = {
  'openai-videos': {
    profiles: Object.keys(profiles),
    says: () => said,
    paths: () => ({ create: '/videos', base: '/v1' }),
    traits: traitsSchema.partial(),
    keepsCharacters: (profile, traits) =>
      !isProfile(profile) || (traits['characters'] ?? profiles[profile].characters) !== 'none',
    takesClips: (profile, traits) =>
      !isProfile(profile) || (traits['inline_characters'] ?? profiles[profile].inline_characters) === true,
    sources: (profile, { sources }) => {
      const traits = isProfile(profile) ? profiles[profile] : profiles.openai
      return traitsSchema.shape.sources.safeParse(sources).data ?? traits.sources
    },
    lengths(profile, changes) {
      const traits: Traits = isProfile(profile) ? profiles[profile] : profiles.openai
      const { shape } = traitsSchema
      const whole = shape.whole_seconds.safeParse(changes['whole_seconds']).data ?? traits.whole_seconds
      const longest = shape.max_seconds.safeParse(changes['max_seconds']).data ?? traits.max_seconds
      return { ...(whole && { wholeSeconds: true }), ...(longest !== null && { maxSeconds: longest }) }
    },
  },
  ...Object.fromEntries(presetNames.map((name) => [name, described(name)])),
}

/** Dialects that are described inline in a configuration. */
export const inlineDialects = {
  whole: (description: RawDescription): Record<string, unknown> => ({ ...wholeDescription(description) }),
  schemaOf: (whole: RawDescription): z.ZodType => descriptionSchema(namesIn(whole)),
  capabilitiesOf: capabilitiesIn,
  signsOf: signsIn,
  /** Of what is written there, or of what it extends. */
  pathsOf: (description: RawDescription) => pathsIn(wholeDescription(description)),
  charactersFromOf: (whole: RawDescription) => characterMaterialsOf(parseDescription(whole)),
  /** Null for a description with faults, which are reported anyway. */
  saysOf(whole: RawDescription): ReadonlySet<string> | null {
    const parsed = descriptionSchema(namesIn(whole)).safeParse(whole)
    return parsed.success ? namesUsedBy(parsed.data) : null
  },
  nameOf: ({ name }: RawDescription): string => (typeof name === 'string' ? name : 'inline'),
}

/** The dialect of an upstream. Throws an error with a readable message for an unknown name or profile. */
export function dialectOf(settings: UpstreamSettings): Dialect {
  const { spec, profile, description } = settings
  const { id, dialect } = spec
  if (description != null) return createDescribedDialect(settings, parseDescription(description))
  const known = Object.hasOwn(knownDialects, dialect) ? knownDialects[dialect] : undefined
  if (known === undefined) {
    const names = Object.keys(knownDialects).join(', ')
    throw new Error(
      `Upstream "${id}" has the dialect "${dialect}", which is not known. Known dialects: ${names}.`,
    )
  }
  if (isPreset(dialect)) {
    if (profile === 'generic') return createDescribedDialect(settings, presetDescription(dialect))
  } else if (isProfile(profile)) return createOpenaiVideos(settings, profile)
  throw new Error(
    `Upstream "${id}" has the profile "${profile}", which the dialect "${dialect}" does not have. ` +
      `Known profiles: ${known.profiles.join(', ')}.`,
  )
}
