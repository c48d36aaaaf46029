import { isMap, LineCounter, parseDocument } from 'yaml'
import { isEmpty, readMap, startOf } from './nodes.ts'
import type { Place } from './nodes.ts'
import type { ConfigProblem, Fault, Path } from './config-problem.ts'
import { pathKey } from './config-problem.ts'
import { firstSyntaxError } from './syntax.ts'
import type { Outside } from './variables.ts'

/** A configuration file as plain data that still knows where each value was written. */
export interface ConfigDocument {
  /** Null when the file cannot be read at all. */
  root: Record<string, unknown> | null
  problems: ConfigProblem[]
  /** Paths (as `pathKey`) of values at fault, about which everything is said. */
  faulty: Set<string>
  /** Variables by path (as `pathKey`), where a value came from the environment or from a file of its own. Such a value is text whatever its field wants. */
  variables: Map<string, string[]>
  /** The place of a path, or of the nearest thing around it when it is not in the file. */
  locate(path: Path, at: Fault['at']): { line: number; column: number }
}

/**
 * Parses YAML, reads variables and reports what is wrong with the text itself: syntax, keys set twice, keys without a value,
 * variables that are missing.
 */
export function readDocument(text: string, outside: Outside): ConfigDocument {
  const lines = new LineCounter()
  const parsed = parseDocument(text, {
    lineCounter: lines,
    prettyErrors: false,
    uniqueKeys: false,
  })
  const places = new Map<string, Place>()
  const at = (offset: number) => {
    const { line, col } = lines.linePos(offset)
    return { line, column: col }
  }
  const document: ConfigDocument = {
    root: null,
    problems: [],
    faulty: new Set(),
    variables: new Map(),
    locate(path, side) {
      for (let length = path.length; length > 0; length--) {
        const place = places.get(pathKey(path.slice(0, length)))
        if (place !== undefined) return at(length === path.length ? place[side] : place.value)
      }
      return at(startOf(parsed.contents) ?? 0)
    },
  }

  const syntax = firstSyntaxError(parsed, text)
  if (syntax !== null) {
    document.problems.push({ ...at(syntax.offset), path: '', message: syntax.message })
    return document
  }
  const { contents } = parsed
  if (contents === null || isEmpty(contents)) return { ...document, root: {} }
  if (!isMap(contents)) {
    const message = 'the file should be a map of sections, such as `upstreams:`'
    document.problems.push({ ...at(startOf(contents) ?? 0), path: '', message })
    return document
  }
  const { problems, faulty, variables } = document
  const root = readMap(contents, [], {
    parsed,
    outside,
    at,
    places,
    problems,
    faulty,
    variables,
    active: new Set(),
    seen: { nodes: 0 },
  })
  return { ...document, root }
}
