import { Problem } from '../../domain/problem.ts'
import { pointerTo, validationFailed } from '../requests/validation.ts'

/** No body of this API has more than four levels. */
const maxDepth = 32

/** An open list or object: where in it the reader stands, and the names it has had; null for a list. */
interface Level {
  at: string | number
  names: Set<string> | null
  isNameNext: boolean
}

/** Goes through JSON text that may come in pieces. */
export interface JsonWalk {
  /** What is wrong with the text up to here; a string that is not at its end yet is looked at with the next piece. */
  walk(more: string): Problem | null
  /** Of the member or element that it stands at. */
  pointer(): string
}

/**
 * What JSON text says that `JSON.parse` would not mind: one name twice, of which whoever looked at it before may have seen
 * the other one (RFC 8259 §4); names that reach for the prototype; nesting without end. Null when there is none of it, which
 * does not mean that the text is JSON.
 */
export function faultOfJson(text: string): Problem | null {
  return createJsonWalk().walk(text)
}

export function createJsonWalk(): JsonWalk {
  const levels: Level[] = []
  let rest = ''

  function sign(at: string): Problem | null {
    if (at === '{' || at === '[') {
      if (levels.length === maxDepth) {
        return new Problem('malformed_body', `The body is nested more than ${maxDepth} levels deep.`)
      }
      levels.push({ at: 0, names: at === '{' ? new Set() : null, isNameNext: true })
    } else if (at === '}' || at === ']') levels.pop()
    else if (at === ',') goOn(levels.at(-1))
    return null
  }

  return {
    walk(more) {
      const text = rest + more
      rest = ''
      for (let at = 0; at < text.length; at++) {
        const isString = text[at] === '"'
        const end = isString ? endOfString(text, at) : at
        if (end === text.length) {
          rest = text.slice(at)
          return null
        }
        const fault = isString ? enter(levels, text.slice(at, end + 1)) : sign(text[at] ?? '')
        if (fault !== null) return fault
        at = end
      }
      return null
    },
    pointer: () => pointerOf(levels),
  }
}

function pointerOf(levels: Level[]): string {
  return pointerTo(
    '',
    levels.map((each) => each.at),
  )
}

function goOn(level: Level | undefined): void {
  if (level === undefined) return
  level.isNameNext = true
  if (typeof level.at === 'number') level.at += 1
}

/** Notes the name that an object has come to; a string in another place is none. */
function enter(levels: Level[], quoted: string): Problem | null {
  const level = levels.at(-1)
  if (level === undefined || level.names === null || !level.isNameNext) return null
  const { names } = level
  const name = nameOf(quoted)
  const owner = levels.at(-2)?.at
  level.at = name
  level.isNameNext = false
  if (names.has(name))
    return validationFailed([{ pointer: pointerOf(levels), detail: 'is given more than once' }])
  if (name === '__proto__' || (name === 'prototype' && owner === 'constructor')) {
    const fault = { pointer: pointerOf(levels), detail: 'is not an allowed name' }
    return new Problem('malformed_body', `A name in the body ${fault.detail}.`, { faults: [fault] })
  }
  names.add(name)
  return null
}

function nameOf(quoted: string): string {
  if (!quoted.includes('\\')) return quoted.slice(1, -1)
  try {
    return String(JSON.parse(quoted))
  } catch {
    return quoted
  }
}

/** Where the string that begins here ends: at a quotation mark with an even number of backslashes before it. */
function endOfString(text: string, start: number): number {
  for (let end = text.indexOf('"', start + 1); end !== -1; end = text.indexOf('"', end + 1)) {
    let backslashes = 0
    while (text[end - 1 - backslashes] === '\\') backslashes++
    if (backslashes % 2 === 0) return end
  }
  return text.length
}
