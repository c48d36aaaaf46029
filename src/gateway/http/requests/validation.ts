import type { FastifySchemaCompiler } from 'fastify'
import type { z } from 'zod'
import { didYouMean } from '../../domain/near-word.ts'
import { Problem } from '../../domain/problem.ts'
import type { FieldFault } from '../../domain/problem.ts'
import { fieldsOf, schemaAt } from '../../parsing/schema-fields.ts'
import { describeIssue } from './issue-text.ts'

/** The maximum number of reported errors. A hostile body can have a hundred thousand. */
const MAX_FAULTS = 20
const MAX_POINTER_LENGTH = 200

/** How the detail of an unknown field begins. */
export const UNKNOWN_FIELD = 'is not a known field'

/** A JSON pointer (RFC 6901) below `prefix`. */
export function pointerTo(prefix: string, path: PropertyKey[]): string {
  const tokens = path.map((key) => `/${String(key).replaceAll('~', '~0').replaceAll('/', '~1')}`)
  return `${prefix}${tokens.join('')}`.slice(0, MAX_POINTER_LENGTH)
}

/** Converts zod issues into field errors. An unknown key is reported for the key, not for its object. */
function faultsOf(
  schema: z.ZodType,
  issues: z.core.$ZodIssue[],
  prefix: string,
  most = MAX_FAULTS,
): FieldFault[] {
  return issues
    .flatMap((issue) => {
      if (issue.code !== 'unrecognized_keys') {
        return [{ pointer: pointerTo(prefix, issue.path), detail: describeIssue(issue) }]
      }
      const known = [...fieldsOf(schemaAt(schema, issue.path)).keys()]
      return issue.keys.map((key) => ({
        pointer: pointerTo(prefix, [...issue.path, key]),
        detail: `${UNKNOWN_FIELD}${didYouMean(key, known)}`,
      }))
    })
    .slice(0, most)
}

/** A `validation_failed` whose detail says the first fault in words. */
export function validationFailed(faults: FieldFault[]): Problem {
  const [first] = faults
  if (first === undefined) return new Problem('validation_failed', 'The request is not valid.')
  const field = first.pointer.replace(/^#?\//, '').replaceAll('/', '.')
  const rest = faults.length > 1 ? ` And ${faults.length - 1} more.` : ''
  return new Problem('validation_failed', `${field === '' ? 'The body' : field} ${first.detail}.${rest}`, {
    faults,
  })
}

/**
 * Treats null as omitted if the schema does not allow null, because SDKs send unset members as null. Null is still an error
 * for required members.
 */
function parseOrUnset<T extends z.ZodType>(schema: T, value: unknown): z.ZodSafeParseResult<z.output<T>> {
  const first = schema.safeParse(value, { reportInput: true })
  if (first.success) return first
  const unset = first.error.issues.filter(({ input, path }) => input === null && path.length > 0)
  if (unset.length === 0) return first
  return schema.safeParse(
    without(
      value,
      unset.map(({ path }) => path),
    ),
    { reportInput: true },
  )
}

function without(value: unknown, paths: PropertyKey[][]): unknown {
  const copy: unknown = structuredClone(value)
  for (const path of paths) {
    const owner = path.slice(0, -1).reduce<unknown>(memberOf, copy)
    const last = path.at(-1)
    if (last !== undefined && isObject(owner) && !Array.isArray(owner)) Reflect.deleteProperty(owner, last)
  }
  return copy
}

function memberOf(owner: unknown, key: PropertyKey): unknown {
  return isObject(owner) ? Reflect.get(owner, key) : undefined
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null
}

/**
 * Parses what came from outside, or throws `validation_failed`. `prefix` is what its pointers start with: empty for the
 * body, `#/query` or `#/headers` for those. No more than `mostFaults` are named.
 */
export function parse<T extends z.ZodType>(
  schema: T,
  value: unknown,
  prefix = '',
  mostFaults = MAX_FAULTS,
): z.output<T> {
  const result = parseOrUnset(schema, value)
  if (!result.success) throw validationFailed(faultsOf(schema, result.error.issues, prefix, mostFaults))
  return result.data
}

/** `?limit=` says nothing about the limit. `metadata.shot=1` and `metadata[shot]=1` are the member `shot` of `metadata`. */
function saidOnly(query: unknown): unknown {
  if (!isObject(query)) return query
  const given = Object.entries(query)
  // Most calls have no query.
  if (given.length === 0) return query
  const said = given.filter(([, value]) => value !== '')
  const members = new Map<string, Array<[string, unknown]>>()
  const flat: Array<[string, unknown]> = []
  for (const [name, value] of said) {
    const [, owner, dotted, bracketed] = /^(\w+)(?:\.(.+)|\[(.+)\])$/s.exec(name) ?? []
    const member = dotted ?? bracketed
    // Zod leaves `__proto__` out of records without a word: a filter by it would match everything.
    if (owner === undefined || member === undefined || member === '__proto__') flat.push([name, value])
    else members.set(owner, [...(members.get(owner) ?? []), [member, value]])
  }
  const owners = [...members].map(([owner, held]): [string, unknown] => [owner, Object.fromEntries(held)])
  return Object.fromEntries([...owners, ...flat])
}

const prefixes: Record<string, string> = { querystring: '#/query', headers: '#/headers' }

/**
 * Fastify's hook for route schemas. A path parameter that cannot be an id names nothing: `not_found`. Headers are checked
 * but left as they are, because a parsed copy would lose those that the schema does not name.
 */
export const validatorCompiler: FastifySchemaCompiler<z.ZodType> = ({ schema, httpPart = 'body' }) => {
  const prefix = prefixes[httpPart] ?? ''
  const named = httpPart === 'headers' ? [...fieldsOf(schema).keys()] : []
  // Most calls have none of the headers that the schema of their route names.
  const isFine = named.length > 0 && schema.safeParse({}).success
  return (sent: unknown) => {
    if (isFine && isObject(sent) && !named.some((name) => Object.hasOwn(sent, name))) return {}
    const value = httpPart === 'querystring' ? saidOnly(sent) : sent
    const result = parseOrUnset(schema, value)
    if (result.success) return httpPart === 'headers' ? {} : { value: result.data }
    if (httpPart === 'params') return { error: new Problem('not_found', 'No object has this id or name.') }
    return { error: validationFailed(faultsOf(schema, result.error.issues, prefix)) }
  }
}
