import { keysOf, listOf, nodeOf, resolve, textsOf } from './document.ts'
import type { Node } from './document.ts'

/**
 * `asked`: what callers send, which must not get narrower. `answered`: what they are sent, which must not get wider or lose
 * anything that was promised.
 */
export type Direction = 'asked' | 'answered'

export interface Pair {
  before: Node
  after: Node
  direction: Direction
  seen: Set<string>
}

/**
 * Everything about one schema that would break a caller, each as `place: what`. A named schema is its own place and is looked
 * at once for each direction: `pair.seen` remembers it.
 */
export function schemaBreaks(pair: Pair, was: unknown, is: unknown, place: string): string[] {
  const { before, after, direction, seen } = pair
  const walk = (rawWas: unknown, rawIs: unknown, at: string): string[] => {
    const [oldName, name] = [refOf(rawWas), refOf(rawIs)]
    const here = name !== null && name === oldName ? `${name} as ${direction}` : at
    if (here !== at) {
      if (seen.has(here)) return []
      seen.add(here)
    }
    const [old, now] = [resolve(before, rawWas), resolve(after, rawIs)]
    return [
      ...typeBreaks(direction, old, now, here),
      ...valueBreaks(direction, old, now, here),
      ...(direction === 'asked' ? limitBreaks(old, now, here) : []),
      ...memberBreaks(direction, old, now, here, walk),
      ...variantBreaks(direction, old, now, here, walk),
      ...('items' in old && 'items' in now ? walk(old['items'], now['items'], `${here}[]`) : []),
    ]
  }
  return walk(was, is, place)
}

function refOf(schema: unknown): string | null {
  const { $ref: ref } = nodeOf(schema)
  return typeof ref === 'string' ? (ref.split('/').at(-1) ?? null) : null
}

type Walk = (was: unknown, is: unknown, at: string) => string[]

function typesOf({ type }: Node): string[] {
  return (typeof type === 'string' ? [type] : textsOf(type)).flatMap((one) =>
    one === 'number' ? ['number', 'integer'] : [one],
  )
}

function typeBreaks(direction: Direction, was: Node, is: Node, at: string): string[] {
  const [old, now] = [typesOf(was), typesOf(is)]
  if (old.length === 0 || now.length === 0) return []
  const lost = direction === 'asked' ? old.filter((one) => !now.includes(one)) : []
  const won = direction === 'answered' ? now.filter((one) => !old.includes(one)) : []
  return [
    ...lost.map((one) => `${at}: ${one} is no longer taken`),
    ...won.map((one) => `${at}: may now be ${one}`),
  ]
}

function valuesOf(schema: Node): string[] | null {
  if ('const' in schema) return [JSON.stringify(schema['const'])]
  return 'enum' in schema ? listOf(schema['enum']).map((value) => JSON.stringify(value)) : null
}

/** A value that is new in an answer breaks clients that know all values, which generated ones do. */
function valueBreaks(direction: Direction, was: Node, is: Node, at: string): string[] {
  const [old, now] = [valuesOf(was), valuesOf(is)]
  if (direction === 'asked') {
    if (now === null) return []
    if (old === null) return [`${at}: only some values are taken now`]
    return old.filter((one) => !now.includes(one)).map((one) => `${at}: ${one} is no longer taken`)
  }
  if (old === null) return []
  if (now === null) return [`${at}: may now have any value`]
  return now.filter((one) => !old.includes(one)).map((one) => `${at}: may now be ${one}`)
}

const floors = ['minimum', 'exclusiveMinimum', 'minLength', 'minItems', 'minProperties']
const ceilings = ['maximum', 'exclusiveMaximum', 'maxLength', 'maxItems', 'maxProperties']

function limitBreaks(was: Node, is: Node, at: string): string[] {
  const tighter = (names: string[], isTighter: (old: number, now: number) => boolean, unset: number) =>
    names
      .filter((name) => name in is && isTighter(Number(was[name] ?? unset), Number(is[name])))
      .map((name) => `${at}: ${name} is tighter`)
  const changed = ['pattern', 'format', 'multipleOf']
    .filter((name) => name in is && is[name] !== was[name])
    .map((name) => `${at}: ${name} is another`)
  return [
    ...tighter(floors, (old, now) => now > old, -Infinity),
    ...tighter(ceilings, (old, now) => now < old, Infinity),
    ...changed,
  ]
}

function memberBreaks(direction: Direction, was: Node, is: Node, at: string, walk: Walk): string[] {
  const [old, now] = [nodeOf(was['properties']), nodeOf(is['properties'])]
  const [needed, needs] = [textsOf(was['required']), textsOf(is['required'])]
  const breaks = keysOf(old, now).flatMap((name) => {
    const here = `${at}.${name}`
    if (!(name in now)) return [`${here}: is gone`]
    const demand = direction === 'asked' && needs.includes(name) && !needed.includes(name)
    const doubt = direction === 'answered' && needed.includes(name) && !needs.includes(name)
    return [
      ...(demand ? [`${here}: is required now`] : []),
      ...(doubt ? [`${here}: may be missing now`] : []),
      ...(name in old ? walk(old[name], now[name], here) : []),
    ]
  })
  const closed = direction === 'asked' && is['additionalProperties'] === false
  const wasOpen = was['additionalProperties'] !== false
  return closed && wasOpen && 'properties' in was
    ? [...breaks, `${at}: further members are refused now`]
    : breaks
}

/** Variants are told apart by the name of their schema, else by their place. */
function variantBreaks(direction: Direction, was: Node, is: Node, at: string, walk: Walk): string[] {
  return ['oneOf', 'anyOf', 'allOf'].flatMap((kind) => {
    const [old, now] = [variantsOf(was[kind]), variantsOf(is[kind])]
    if (old.size === 0 || now.size === 0) return []
    const shared = [...old].flatMap(([name, variant]) =>
      now.has(name) ? walk(variant, now.get(name), `${at}|${name}`) : [],
    )
    const lost = [...old.keys()]
      .filter((name) => !now.has(name))
      .map((name) => `${at}: ${name} is no longer taken`)
    const won = [...now.keys()].filter((name) => !old.has(name)).map((name) => `${at}: may now be ${name}`)
    return [...shared, ...(direction === 'asked' ? lost : won)]
  })
}

function variantsOf(value: unknown): Map<string, unknown> {
  return new Map(
    listOf(value).map((variant, index) => {
      const { $ref: ref, type } = nodeOf(variant)
      if (typeof ref === 'string') return [ref.split('/').at(-1) ?? ref, variant]
      return [typeof type === 'string' ? type : String(index), variant]
    }),
  )
}
