import { keysOf, listOf, nodeOf, resolve } from './document.ts'
import type { Node } from './document.ts'
import { schemaBreaks } from './schemas.ts'
import type { Direction } from './schemas.ts'

const methods = ['get', 'put', 'post', 'delete', 'head', 'patch']

/**
 * What a caller of `before` would no longer get from `after`, each as `place: what`. Kept here, and not left to a library:
 * those of the npm registry read OpenAPI 3.0 only, and this document is 3.1; the good ones are Go programs, which a checkout
 * with Node alone cannot run.
 */
export function breakingChanges(before: Node, after: Node): string[] {
  const [old, now] = [nodeOf(before['paths']), nodeOf(after['paths'])]
  const seen = new Set<string>()
  const compare = (direction: Direction, was: unknown, is: unknown, at: string) =>
    schemaBreaks({ before, after, direction, seen }, was, is, at)
  return keysOf(old).flatMap((path) =>
    methods
      .filter((method) => method in nodeOf(old[path]))
      .flatMap((method) => {
        const place = `${method.toUpperCase()} ${path}`
        const is = nodeOf(now[path])[method]
        if (is === undefined) return [`${place}: is gone`]
        return operationBreaks(
          { before, after, compare },
          nodeOf(nodeOf(old[path])[method]),
          nodeOf(is),
          place,
        )
      }),
  )
}

interface Documents {
  before: Node
  after: Node
  compare: (direction: Direction, was: unknown, is: unknown, at: string) => string[]
}

function operationBreaks(documents: Documents, was: Node, is: Node, place: string): string[] {
  const { before, after, compare } = documents
  return [
    ...(was['operationId'] === is['operationId'] ? [] : [`${place}: operationId is another`]),
    ...securityBreaks(was, is, place),
    ...parameterBreaks(was, is, place, (old, now, at) => compare('asked', old, now, at)),
    ...bodyBreaks(was, is, place, (old, now, at) => compare('asked', old, now, at)),
    ...answerBreaks(before, after, was, is, place, (old, now, at) => compare('answered', old, now, at)),
  ]
}

type Compare = (old: unknown, now: unknown, at: string) => string[]

function waysIn(operation: Node): string[] {
  return listOf(operation['security']).map((one) => JSON.stringify(one))
}

function securityBreaks(was: Node, is: Node, place: string): string[] {
  const now = waysIn(is)
  if (waysIn(was).length === 0) return now.length === 0 ? [] : [`${place}: wants a key now`]
  if (now.length === 0) return []
  return waysIn(was)
    .filter((way) => !now.includes(way))
    .map((way) => `${place}: ${way} no longer opens it`)
}

function parametersOf(operation: Node): Map<string, Node> {
  const parameters = listOf(operation['parameters']).map(nodeOf)
  return new Map(parameters.map((one) => [`${String(one['in'])} ${String(one['name'])}`, one]))
}

function parameterBreaks(was: Node, is: Node, place: string, compare: Compare): string[] {
  const [old, now] = [parametersOf(was), parametersOf(is)]
  return [...new Set([...old.keys(), ...now.keys()])].flatMap((name) => {
    const [before, after] = [old.get(name), now.get(name)]
    const at = `${place} ${name}`
    if (after === undefined) return [`${at}: is gone`]
    const demand = after['required'] === true && before?.['required'] !== true
    return [
      ...(demand ? [`${at}: is required now`] : []),
      ...(before === undefined ? [] : compare(before['schema'], after['schema'], at)),
    ]
  })
}

function bodyBreaks(was: Node, is: Node, place: string, compare: Compare): string[] {
  const [old, now] = [nodeOf(was['requestBody']), nodeOf(is['requestBody'])]
  const demand = now['required'] === true && old['required'] !== true
  return [
    ...(demand ? [`${place} body: is required now`] : []),
    ...contentBreaks(nodeOf(old['content']), nodeOf(now['content']), `${place} body`, compare),
  ]
}

function contentBreaks(old: Node, now: Node, at: string, compare: Compare): string[] {
  return keysOf(old).flatMap((type) =>
    type in now
      ? compare(nodeOf(old[type])['schema'], nodeOf(now[type])['schema'], `${at} ${type}`)
      : [`${at} ${type}: is gone`],
  )
}

/** A further error status breaks nobody; a success that is told in another way does. */
function answerBreaks(
  before: Node,
  after: Node,
  was: Node,
  is: Node,
  place: string,
  compare: Compare,
): string[] {
  const [old, now] = [nodeOf(was['responses']), nodeOf(is['responses'])]
  return keysOf(old, now).flatMap((status) => {
    const at = `${place} ${status}`
    if (!(status in old)) return status.startsWith('2') ? [`${at}: is a new way to succeed`] : []
    if (!(status in now)) return status.startsWith('2') ? [`${at}: is gone`] : []
    const [oldContent, nowContent] = [resolve(before, old[status]), resolve(after, now[status])].map((one) =>
      nodeOf(one['content']),
    )
    return contentBreaks(oldContent ?? {}, nowContent ?? {}, at, compare)
  })
}
