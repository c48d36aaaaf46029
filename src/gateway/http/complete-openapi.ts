import { z } from 'zod'
import type { Json } from '../domain/json.ts'
import { addAnswers } from './document/add-answers.ts'
import { addCodeSamples } from './document/code-samples.ts'
import { describeDocument } from './document/describe-document.ts'

type JsonObject = { [key: string]: Json }

const plainJson = z.json()

const PREFIX = '#/components/schemas/'

function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function objectAt(value: Json | undefined, ...keys: string[]): JsonObject {
  let found = value
  for (const key of keys) found = isObject(found) ? found[key] : undefined
  return isObject(found) ? found : {}
}

/** Every object in a JSON value, outermost first. */
function* objectsIn(value: Json): Generator<JsonObject> {
  if (Array.isArray(value)) {
    for (const one of value) yield* objectsIn(one)
  } else if (isObject(value)) {
    yield value
    for (const one of Object.values(value)) yield* objectsIn(one)
  }
}

function refOf(value: Json): string | null {
  const ref = isObject(value) ? value['$ref'] : undefined
  return typeof ref === 'string' && ref.startsWith(PREFIX) ? ref.slice(PREFIX.length) : null
}

/** Names of the schemas that `roots` lead to. */
function reachable(roots: Json[], schemas: JsonObject): Set<string> {
  const found = new Set<string>()
  const queue = [...roots]
  for (let next = queue.pop(); next !== undefined; next = queue.pop()) {
    for (const object of objectsIn(next)) {
      const name = refOf(object)
      if (name === null || found.has(name)) continue
      found.add(name)
      queue.push(objectAt(schemas, name))
    }
  }
  return found
}

/**
 * The generator emits each schema twice, for reading (`X`) and for writing (`XInput`). Only what the operations lead to is
 * kept, and a writing schema takes the plain name where no reading schema needs it.
 */
function keepUsedSchemas(
  calls: JsonObject,
  schemas: JsonObject,
): { paths: JsonObject; webhooks: Json; schemas: JsonObject } {
  const used = reachable([calls], schemas)
  let text = JSON.stringify({
    ...calls,
    schemas: Object.fromEntries([...used].toSorted().map((name) => [name, objectAt(schemas, name)])),
  })
  for (const name of used) {
    const plain = name.replace(/Input$/, '')
    if (plain === name || used.has(plain)) continue
    text = text.replaceAll(`"${PREFIX}${name}"`, `"${PREFIX}${plain}"`).replace(`"${name}":{`, `"${plain}":{`)
  }
  const renamed = plainJson.parse(JSON.parse(text))
  return {
    paths: objectAt(renamed, 'paths'),
    webhooks: objectAt(renamed, 'webhooks'),
    schemas: objectAt(renamed, 'schemas'),
  }
}

/** Code generators want to be told which member tells the variants of a union apart. */
function addDiscriminators(schemas: JsonObject): void {
  for (const object of objectsIn(schemas)) {
    const variants = object['oneOf'] ?? object['anyOf']
    if (!Array.isArray(variants)) continue
    const mapping = variants.flatMap((variant) => {
      const name = refOf(variant)
      const tag = name === null ? undefined : objectAt(schemas, name, 'properties', 'type')['const']
      return name === null || typeof tag !== 'string' ? [] : [[tag, `${PREFIX}${name}`] as const]
    })
    if (mapping.length !== variants.length) continue
    object['discriminator'] = { propertyName: 'type', mapping: Object.fromEntries(mapping) }
  }
}

/** What only answers may gain members later, so a client must not be told to refuse them. */
function openAnswers(paths: Json, schemas: JsonObject): void {
  const bodies = [...objectsIn(paths)].flatMap(({ requestBody }) => requestBody ?? [])
  const asked = reachable(bodies, schemas)
  for (const [name, schema] of Object.entries(schemas)) {
    if (asked.has(name)) continue
    for (const object of objectsIn(schema)) {
      if (object['additionalProperties'] === false) delete object['additionalProperties']
    }
  }
}

const text: JsonObject = { type: 'string' }

const headers: JsonObject = {
  'X-Request-Id': { description: 'Identifies this request in the gateway log.', schema: text },
  Location: { description: 'The URL of the created resource.', schema: text },
  'Idempotent-Replayed': {
    description: '`true` if the original response of this idempotency key is returned.',
    schema: text,
  },
  'Retry-After': { description: 'Seconds to wait before retrying.', schema: { type: 'integer' } },
  'RateLimit-Policy': {
    description:
      'The request limit of the key per minute. Also sent with successful responses if the key has a limit.',
    schema: text,
  },
  RateLimit: { description: 'Remaining requests, and seconds until the limit resets.', schema: text },
  'WWW-Authenticate': { description: 'The required authentication, and the required scope.', schema: text },
  ETag: { description: 'Identifies this version of what is returned.', schema: text },
  'Content-Range': { description: 'The returned range and the size of the file.', schema: text },
}

const headersOf: Record<string, string[]> = {
  201: ['Location'],
  202: ['Location', 'Idempotent-Replayed'],
  206: ['ETag', 'Content-Range'],
  304: ['ETag'],
  401: ['WWW-Authenticate'],
  403: ['WWW-Authenticate'],
  416: ['Content-Range'],
  429: ['Retry-After', 'RateLimit-Policy', 'RateLimit'],
  503: ['Retry-After'],
}

function addHeaders(paths: Json): void {
  for (const { responses } of objectsIn(paths)) {
    for (const [status, response] of Object.entries(objectAt(responses))) {
      const names = ['X-Request-Id', ...(headersOf[status] ?? [])]
      const refs = names.map((name) => [name, { $ref: `#/components/headers/${name}` }] as const)
      if (isObject(response)) response['headers'] = Object.fromEntries(refs)
    }
  }
}

/** The document as it is published: no duplicate schemas, discriminators, response headers, answers open to new members. */
export function completeOpenapi(document: object): JsonObject {
  const whole = plainJson.parse(JSON.parse(JSON.stringify(document)))
  const components = objectAt(whole, 'components')
  const calls = { paths: objectAt(whole, 'paths'), webhooks: objectAt(whole, 'webhooks') }
  const { paths, webhooks, schemas } = keepUsedSchemas(calls, objectAt(components, 'schemas'))
  addDiscriminators(schemas)
  describeDocument({ paths, schemas })
  addCodeSamples({ paths, schemas })
  addAnswers({ paths })
  openAnswers(paths, schemas)
  addHeaders(paths)
  return { ...objectAt(whole), components: { ...components, headers, schemas }, webhooks, paths }
}
