import { isScalar, visit } from 'yaml'
import type { Document, YAMLMap } from 'yaml'

/** Far more than a hundred scenes need. The parser's work is quadratic in the number of aliases. */
const mostAliases = 1000

interface Fault {
  /** An offset in the text. */
  offset: number
  message: string
}

/** The first YAML error of a document. */
export function faultOf(document: Document): Fault | null {
  const [first] = [...document.errors, ...document.warnings].toSorted((a, b) => a.pos[0] - b.pos[0])
  return first === undefined ? (aliasFault(document) ?? repeatedKey(document)) : syntaxFault(first)
}

function syntaxFault({ code, message, pos }: Document['errors'][number]): Fault {
  const [offset] = pos
  if (code === 'RESOURCE_EXHAUSTION') return { offset, message: 'is nested too deeply.' }
  // A prompt that starts with a character, without quotes, is a common mistake.
  const advice = code === 'BAD_SCALAR_START' ? '. Put the text in quotes.' : ''
  return { offset, message: `is not valid YAML: ${message}${advice}` }
}

/** The first alias without an anchor before it, or the first one above the limit. */
function aliasFault(document: Document): Fault | null {
  const anchors = new Set<string>()
  const faults: Fault[] = []
  let count = 0
  visit(document, {
    Value(_key, { anchor }) {
      if (anchor !== undefined) anchors.add(anchor)
    },
    Alias(_key, { source, range }) {
      count += 1
      const isLost = !anchors.has(source)
      if (!isLost && count <= mostAliases) return undefined
      const lost = 'is an alias without an anchor. Put text that starts with `*` in quotes.'
      const message = isLost ? lost : `is one alias too many: a file may have ${mostAliases}.`
      faults.push({ offset: range?.[0] ?? 0, message })
      return visit.BREAK
    },
  })
  return faults[0] ?? null
}

/** The parser's own check compares every key with every other: minutes for a long map. */
function repeatedKey(document: Document): Fault | null {
  const faults: Fault[] = []
  visit(document, {
    Map(_key, map) {
      const fault = repeatedKeyOf(map)
      if (fault === null) return undefined
      faults.push(fault)
      return visit.BREAK
    },
  })
  return faults[0] ?? null
}

function repeatedKeyOf({ items }: YAMLMap): Fault | null {
  const seen = new Set<string>()
  for (const { key } of items) {
    const name = isScalar(key) ? String(key.value) : ''
    if (isScalar(key) && seen.has(name))
      return { offset: key.range?.[0] ?? 0, message: `\`${name.slice(0, 60)}\` is set twice.` }
    seen.add(name)
  }
  return null
}
