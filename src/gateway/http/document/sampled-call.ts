import type { Json } from '../../domain/json.ts'

export type JsonObject = { [key: string]: Json }

/** A call as a person would write it: what the samples of all languages are made of. */
export interface SampledCall {
  /** In capitals. */
  method: string
  /** With the examples of its parameters. */
  path: string
  /** Whether it takes a key. */
  isKeyed: boolean
  body: { type: 'json'; value: Json } | { type: 'form'; fields: FormField[] } | null
  answer: 'json' | 'text' | 'bytes' | 'stream' | 'nothing'
}

export interface FormField {
  name: string
  value: string
  isFile: boolean
}

/** For parameters without an example. */
const plainValues: Record<string, string> = {
  id: 'reseller-a',
  model: 'sora-2',
  name: 'studio',
  operation: 'create',
  upstream: 'reseller-a',
}

/** Whoever copies a sample means to run it: a ceiling that buys nothing, as in examples, is no use then. */
const sampleCeilingUsd = 0.5

function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function objectAt(value: Json | undefined, ...keys: string[]): JsonObject {
  let found = value
  for (const key of keys) found = isObject(found) ? found[key] : undefined
  return isObject(found) ? found : {}
}

function withCeiling(value: Json): Json {
  if (Array.isArray(value)) return value.map(withCeiling)
  if (!isObject(value)) return value
  return Object.fromEntries(
    Object.entries(value).map(([name, each]) => [
      name,
      name === 'max_cost_usd' && each === 0 ? sampleCeilingUsd : withCeiling(each),
    ]),
  )
}

function schemaOf(media: JsonObject, schemas: JsonObject): JsonObject {
  const { $ref: ref } = objectAt(media, 'schema')
  return typeof ref === 'string' ? objectAt(schemas, ref.split('/').at(-1) ?? '') : objectAt(media, 'schema')
}

function bodyOf(operation: JsonObject, schemas: JsonObject): SampledCall['body'] {
  const content = objectAt(operation, 'requestBody', 'content')
  if (isObject(content['application/json'])) {
    const { examples } = schemaOf(content['application/json'], schemas)
    return { type: 'json', value: withCeiling(Array.isArray(examples) ? (examples[0] ?? {}) : {}) }
  }
  const form = content['multipart/form-data']
  if (!isObject(form)) return null
  const { properties, required } = schemaOf(form, schemas)
  const names = Array.isArray(required) ? required.filter((each) => typeof each === 'string') : []
  return {
    type: 'form',
    fields: names.map((name) => {
      const isFile = objectAt(properties, name)['format'] === 'binary'
      return { name, value: isFile ? 'clip.mp4' : 'coffee_girl', isFile }
    }),
  }
}

function answerOf(operation: JsonObject): SampledCall['answer'] {
  const good = Object.entries(objectAt(operation, 'responses')).find(([status]) => status.startsWith('2'))
  const [type] = Object.keys(objectAt(good?.[1], 'content'))
  if (type === undefined) return 'nothing'
  if (type === 'text/event-stream') return 'stream'
  if (type.includes('json')) return 'json'
  return type.startsWith('text/') ? 'text' : 'bytes'
}

function pathOf(path: string, operation: JsonObject): string {
  const { parameters } = operation
  let filled = path
  for (const parameter of Array.isArray(parameters) ? parameters : []) {
    const { name, in: place, example, schema } = objectAt(parameter)
    if (place !== 'path' || typeof name !== 'string') continue
    const { examples } = objectAt(schema)
    const shown = example ?? (Array.isArray(examples) ? examples[0] : undefined) ?? plainValues[name]
    const text = typeof shown === 'number' ? String(shown) : shown
    filled = filled.replace(`{${name}}`, typeof text === 'string' ? text : name)
  }
  return filled
}

export function sampledCall(
  { method, path, operation }: { method: string; path: string; operation: JsonObject },
  schemas: JsonObject,
): SampledCall {
  const { security } = operation
  const isKeyed = Array.isArray(security) && security.some((each) => isObject(each) && 'key' in each)
  return {
    method: method.toUpperCase(),
    path: pathOf(path, operation),
    isKeyed,
    body: bodyOf(operation, schemas),
    answer: method === 'head' ? 'nothing' : answerOf(operation),
  }
}
