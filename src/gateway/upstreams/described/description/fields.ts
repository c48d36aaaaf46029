import { closest, distance } from 'fastest-levenshtein'
import { z } from 'zod'
import { rootNames } from '../expressions/expression-parts.ts'
import { compileExpression } from '../expressions/expression.ts'
import type { Expression } from '../expressions/expression.ts'
import { compileTemplate, holdsBytes, namesIn } from '../expressions/template.ts'
import type { Template } from '../expressions/template.ts'
import { compileTree } from '../expressions/tree.ts'
import type { Tree } from '../expressions/tree.ts'

/** An expression, or a list of alternatives of which the first with a value counts. */
export function expressions() {
  return z.unknown().transform((value, context): Expression[] => {
    const list: unknown[] = Array.isArray(value) ? value : [value]
    const found: Expression[] = []
    for (const text of list) {
      const message = typeof text === 'string' ? add(found, text) : wrongType(value)
      if (message !== null) context.addIssue({ code: 'custom', message })
    }
    if (list.length === 0) context.addIssue({ code: 'custom', message: 'should not be empty' })
    return found
  })
}

function add(found: Expression[], text: string): string | null {
  const compiled = compileExpression(text)
  if (compiled.type === 'faulty') return compiled.message
  found.push(compiled.expression)
  return null
}

function wrongType(value: unknown): string {
  return value === undefined ? 'is required' : 'should be an expression in text, or a list of them'
}

/** An expression over the values of a call. */
export function inputExpression(known: readonly string[]) {
  return z.string().transform((text, context): Expression => {
    const compiled = compileExpression(text)
    if (compiled.type === 'faulty') {
      context.addIssue({ code: 'custom', message: compiled.message })
      return z.NEVER
    }
    for (const name of rootNames(compiled.expression)) complain(context, name, known)
    return compiled.expression
  })
}

/** Text with placeholders for these names. */
export function template(known: readonly string[]) {
  return z.string().transform((text, context): Template => {
    const compiled = compileTemplate(text)
    if (compiled.type === 'faulty') {
      context.addIssue({ code: 'custom', message: compiled.message })
      return z.NEVER
    }
    if (holdsBytes(compiled.template))
      context.addIssue({ code: 'custom', message: 'has a file in base64, which only a JSON body may hold' })
    for (const name of namesIn(compiled.template)) complain(context, name, known)
    return compiled.template
  })
}

/** A path below the base URL, with its query. */
export function path(known: readonly string[]) {
  return z
    .string()
    .regex(/^(\/|\{\{\/)/, 'should start with `/`')
    .regex(/^[^\s#]*$|\{\{/, 'should not hold blanks or `#`')
    .pipe(template(known))
}

/** A body: any YAML, whose texts may contain placeholders. `files`: files that a form may include. */
export function body(known: readonly string[], files: readonly string[] | null) {
  return z.unknown().transform((value, context): Tree => {
    const { tree, faults, names } = compileTree(value, files)
    for (const { path: at, message } of faults) context.addIssue({ code: 'custom', path: at, message })
    for (const { path: at, name } of names) complain(context, name, known, at)
    return tree
  })
}

function complain(
  context: z.RefinementCtx,
  name: string,
  known: readonly string[],
  at: Array<string | number> = [],
): void {
  if (known.includes(name)) return
  const near = closest(name, known)
  const hint = distance(name, near) <= 2 ? `did you mean \`${near}\`?` : `known here: ${known.join(', ')}`
  const message = `has a placeholder for the unknown \`${name}\`; ${hint}`
  context.addIssue({ code: 'custom', path: at, message })
}

export const scalar = z.union([z.string(), z.number(), z.boolean(), z.null()], {
  error: 'should be text, a number, true, false or null',
})

export function oneOrMore<T extends z.ZodType>(item: T) {
  return z.preprocess((value): unknown => (Array.isArray(value) ? value : [value]), z.array(item).min(1))
}

export const placeholderName = z
  .string()
  .regex(/^[a-z][a-z0-9_]{0,39}$/, 'should be lower-case letters, digits and `_`')
