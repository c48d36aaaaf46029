import type { Json } from '../../../domain/json.ts'
import { callsAny, memberNames, rootNames } from './expression-parts.ts'
import { compileExpression, evaluate } from './expression.ts'
import type { Expression, Values } from './expression.ts'

/** Text with placeholders: `{{ expression }}`, or `{{/ expression }}` to keep slashes in a path. */
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

/** The names that its placeholders read. */
export function namesIn({ pieces }: Template): string[] {
  return pieces.flatMap((piece) => (typeof piece === 'string' ? [] : rootNames(piece.expression)))
}

/** The members of one of these names that its placeholders read: see `memberNames`. */
export function membersIn({ pieces }: Template, root: string): string[] {
  return pieces.flatMap((piece) => (typeof piece === 'string' ? [] : memberNames(piece.expression, root)))
}

/** Whether it contains the bytes of a file, which only JSON can include. */
export function holdsBytes({ pieces }: Template): boolean {
  return pieces.some(
    (piece) => typeof piece !== 'string' && callsAny(piece.expression, ['base64', 'data_url']),
  )
}

/** A placeholder without text around it keeps the type of its value, null for none. Anything else is text. */
export function fill({ pieces }: Template, values: Values): Json {
  const [only, ...others] = pieces
  if (only === undefined) return ''
  if (others.length === 0 && typeof only !== 'string') return evaluate(only.expression, values)
  return pieces
    .map((piece) => (typeof piece === 'string' ? piece : asText(evaluate(piece.expression, values))))
    .join('')
}

/** The same as text, whatever the types of its values. */
export function fillText(template: Template, values: Values): string {
  return asText(fill(template, values))
}

/**
 * A path and query with all values percent-encoded; null if one is missing or not allowed there, because such a path
 * would lead somewhere else.
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
    // An empty value is an error in a path, but a value in a query.
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
