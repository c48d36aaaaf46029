import type { Json } from '../../domain/json.ts'
import { commonMembers } from './common-members.ts'
import { moreMembers } from './more-members.ts'
import { operationWords, parameterWords } from './operation-words.ts'
import { ownMembers } from './own-members.ts'
import { schemaWords } from './schema-words.ts'

type JsonObject = { [key: string]: Json }

const byCombination = ['anyOf', 'oneOf', 'allOf'] as const

function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function fill(target: JsonObject, words: string | undefined): void {
  if (target['description'] === undefined && words !== undefined) target['description'] = words
}

/** Where a schema stands: the one that has a name, and the member of it that led here. */
interface Place {
  own: Record<string, string>
  parent: string | null
}

function describeMember(member: JsonObject, name: string, { own, parent }: Place): void {
  const word = member['const']
  const constant = typeof word === 'string' ? `Always \`${word}\`.` : undefined
  fill(member, own[parent === null ? name : `${parent}.${name}`] ?? constant ?? commonMembers[name])
}

function describeMembers(schema: Json | undefined, place: Place): void {
  if (!isObject(schema)) return
  const { properties, items, additionalProperties } = schema
  if (isObject(properties)) {
    for (const [name, member] of Object.entries(properties)) {
      if (!isObject(member)) continue
      describeMembers(member, { ...place, parent: name })
      describeMember(member, name, place)
    }
  }
  describeMembers(items, place)
  describeMembers(additionalProperties, place)
  for (const kind of byCombination) {
    const variants = schema[kind]
    if (Array.isArray(variants)) for (const each of variants) describeMembers(each, place)
  }
}

/**
 * Fills in what the schemas of routes leave unsaid: what the schemas are, what members mean that many schemas have, and what
 * operations and parameters do. A description at the schema itself comes first.
 */
export function describeDocument({ paths, schemas }: { paths: JsonObject; schemas: JsonObject }): void {
  for (const [name, schema] of Object.entries(schemas)) {
    if (!isObject(schema)) continue
    fill(schema, schemaWords[name])
    describeMembers(schema, {
      own: { ...ownMembers[name], ...moreMembers[name], ...sameAs(name) },
      parent: null,
    })
  }
  for (const methods of Object.values(paths)) {
    if (!isObject(methods)) continue
    for (const operation of Object.values(methods)) if (isObject(operation)) describeOperation(operation)
  }
}

/** Schemas with the members of another one. */
const widened: Record<string, string> = {
  MadeKey: 'Key',
  OperatedAttempt: 'Attempt',
  OpenaiEditForm: 'OpenaiEditRequest',
  OpenaiExtensionForm: 'OpenaiExtensionRequest',
}

function sameAs(name: string): Record<string, string> {
  const other = widened[name] ?? ''
  return { ...ownMembers[other], ...moreMembers[other] }
}

function describeOperation(operation: JsonObject): void {
  const { operationId, parameters } = operation
  if (typeof operationId === 'string') fill(operation, operationWords[operationId])
  if (!Array.isArray(parameters)) return
  for (const parameter of parameters) {
    if (!isObject(parameter)) continue
    const { name, schema } = parameter
    const said = isObject(schema) ? schema['description'] : undefined
    if (typeof name === 'string') fill(parameter, typeof said === 'string' ? said : parameterWords[name])
  }
}
