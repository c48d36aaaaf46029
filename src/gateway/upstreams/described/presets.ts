import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { parse } from 'yaml'
import { z } from 'zod'
import { descriptionSchema } from './description/description.ts'
import type { Description } from './description/description-parts.ts'
import { namesIn } from './expressions/names.ts'
import { isPreset } from './preset-names.ts'
import type { PresetName } from './preset-names.ts'

/** A description as written in YAML. */
export type RawDescription = Readonly<Record<string, unknown>>

export function presetFile(name: PresetName): string {
  return fileURLToPath(new URL(`../presets/${name}.yaml`, import.meta.url))
}

/** The files come with the release: what was read once is read no more, however many upstreams have the preset. */
const read = new Map<PresetName, RawDescription>()
const parsed = new Map<PresetName, Description>()

/** A copy, which may be changed. */
export function readPreset(name: PresetName): RawDescription {
  const known = read.get(name)
  if (known !== undefined) return structuredClone(known)
  const text = readFileSync(presetFile(name), 'utf8')
  const raw = z.record(z.string(), z.unknown()).parse(parse(text))
  read.set(name, raw)
  return structuredClone(raw)
}

/** One for all upstreams of the preset: it must not be changed. */
export function presetDescription(name: PresetName): Description {
  const known = parsed.get(name)
  if (known !== undefined) return known
  const description = parseDescription(readPreset(name))
  parsed.set(name, description)
  return description
}

/** Merges a description with the preset that it `extends`; null removes a key of the preset. */
export function wholeDescription(raw: RawDescription): RawDescription {
  const { extends: base, ...own } = raw
  return isPreset(base) ? merged({ ...readPreset(base), name: base }, own) : raw
}

function merged(base: RawDescription, own: RawDescription): RawDescription {
  const whole: Record<string, unknown> = { ...base }
  for (const [key, value] of Object.entries(own)) {
    const below = whole[key]
    if (value === null) Reflect.deleteProperty(whole, key)
    else whole[key] = isMap(below) && isMap(value) ? merged(below, value) : value
  }
  return whole
}

function isMap(value: unknown): value is RawDescription {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** Throws for an invalid description. The configuration validates those of users; tests validate the presets. */
export function parseDescription(raw: RawDescription): Description {
  const whole = wholeDescription(raw)
  return descriptionSchema(namesIn(whole)).parse(whole)
}
