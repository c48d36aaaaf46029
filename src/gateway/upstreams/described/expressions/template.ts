import type { Json } from '../../../domain/json.ts'
import { callsAny, memberNames, rootNames } from './expression-parts.ts'
import { compileExpression, evaluate } from './expression.ts'
import type { Expression, Values } from './expression.ts'

/** Text around placeholders: `{{ expression }}`, or `{{/ expression }}` where slashes are kept in a path. */
export interface Template {
  pieces: Piece[]
}

type Piece = string | { expression: Expression; keepsSlashes: boolean }

export type CompiledTemplate = { type: 'template'; template: Template } | { type: 'faulty'; message: string }

const placeholder = /\{\{(\/?)([\s\S]*?)\}\}/g

export function compileTemplate(text: string): CompiledTemplate {
  const pieces: Piece[] = []
  let end = 0
  for (const match of text.matchAll(placeholder)) {
    if (match.index > end) pieces.push(text.slice(end, match.index))
    end = match.index + match[0].length
    const compiled = compileExpression((match[2] ?? '').trim())
    if (compiled.type === 'faulty') return { type: 'faulty', message: `a placeholder ${compiled.message}` }
    pieces.push({ expression: compiled.expression, keepsSlashes: match[1] === '/' })
  }
  if (end < text.length) pieces.push(text.slice(end))
  const isOpen = pieces.some((piece) => typeof piece === 'string' && /\{\{|\}\}/.test(piece))
  if (isOpen) return { type: 'faulty', message: 'has a placeholder that is not closed: write {{ name }}' }
  return { type: 'template', template: { pieces } }
}

/** The names that its placeholders take from what they are filled with. */
export function namesIn({ pieces }: Template): string[] {
  return pieces.flatMap((piece) => (typeof piece === 'string' ? [] : rootNames(piece.expression)))
}

/** The members of one of these names that its placeholders take: see `memberNames`. */
export function membersIn({ pieces }: Template, root: string): string[] {
  return pieces.flatMap((piece) => (typeof piece === 'string' ? [] : memberNames(piece.expression, root)))
}

/** Whether its placeholders stand for the bytes of a file, which only JSON can hold. */
export function holdsBytes({ pieces }: Template): boolean {
  return pieces.some(
    (piece) => typeof piece !== 'string' && callsAny(piece.expression, ['base64', 'data_url']),
  )
}

/** A lone placeholder gives its value as it is, null for nothing; anything else gives text. */
export function fill({ pieces }: Template, values: Values): Json {
  const [only, ...others] = pieces
  if (only === undefined) return ''
  if (others.length === 0 && typeof only !== 'string') return evaluate(only.expression, values)
  return pieces
    .map((piece) => (typeof piece === 'string' ? piece : asText(evaluate(piece.expression, values))))
    .join('')
}

/** The same as text, whatever its placeholders give. */
export function fillText(template: Template, values: Values): string {
  return asText(fill(template, values))
}

/**
 * A path and query with every value percent-encoded; null when one of them is missing or cannot stand there, because a path
 * with a hole leads somewhere else.
 */
export function fillPath({ pieces }: Template, values: Values): string | null {
  let path = ''
  for (const piece of pieces) {
    if (typeof piece === 'string') {
      path += piece
      continue
    }
    const text = asText(evaluate(piece.expression, values))
    const segments = piece.keepsSlashes ? text.split('/') : [text]
    // An empty value is a hole in a path, and a value in a query.
    if (!path.includes('?') && segments.some(isHole)) return null
    path += segments.map(encodeURIComponent).join('/')
  }
  return path
}

const isHole = (segment: string) => /^\.{0,2}$/.test(segment)

export function asText(value: Json): string {
  if (value === null) return ''
  return typeof value === 'object' ? JSON.stringify(value) : String(value)
}
