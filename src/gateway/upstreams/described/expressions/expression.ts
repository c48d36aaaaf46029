import { compile, isRegistered, register, TreeInterpreter, TYPE_ANY } from '@jmespath-community/jmespath'
import type { Json } from '../../../domain/json.ts'
import { parseJson } from '../../answers/json-body.ts'
import { markOf } from '../../transport/bodies/embedded-files.ts'
import type { Embedding } from '../../transport/bodies/embedded-files.ts'
import { partsOf, readsVariable } from './expression-parts.ts'

/**
 * A compiled JMESPath expression (https://jmespath.site). Synchronous, without loops, and with access only to the value
 * it is given. The library has one table of functions for the whole process; `from_json` is added to it here.
 */
export type Expression = ReturnType<typeof compile>

// Parses JSON in a string, as some vendors return their results (docs/vendors/job-apis.md#kie); null if it is not JSON.
register('from_json', ([text]) => (typeof text === 'string' ? toJson(parseJson(text)) : null), [
  { types: [TYPE_ANY] },
])

// A placeholder for the bytes of a file until the call is sent. The file is identified by its URL.
register('base64', ([file]) => embedded(file, 'base64'), [{ types: [TYPE_ANY] }])
register('data_url', ([file]) => embedded(file, 'data-url'), [{ types: [TYPE_ANY] }])

function embedded(file: unknown, as: Embedding): string | null {
  const url: unknown = typeof file === 'object' && file !== null && 'url' in file ? file.url : file
  return typeof url === 'string' ? markOf(url, as) : null
}

/** Values of placeholders, by name. */
export type Values = Readonly<Record<string, Json>>

export type Compiled = { type: 'expression'; expression: Expression } | { type: 'faulty'; message: string }

/** Also reports what the library would only report at run time: unknown functions, and `!a.b`, which means `(!a).b`. */
export function compileExpression(text: string): Compiled {
  let expression: Expression
  try {
    expression = compile(text)
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    return { type: 'faulty', message: `is no JMESPath expression: ${reason}` }
  }
  const message = faultOf(expression)
  return message === null ? { type: 'expression', expression } : { type: 'faulty', message }
}

/**
 * Null if the expression does not fit the value, such as a function with an argument of the wrong type. `asked`: the
 * values of the call, which expressions know as `$asked`.
 */
export function evaluate(expression: Expression, value: unknown, asked: Values = {}): Json {
  try {
    return toJson(TreeInterpreter.search(scopedTo(asked, expression), toJson(value)))
  } catch {
    return null
  }
}

const knownReaders = new WeakMap<Expression, boolean>()

/** Whether the value of an expression depends on `asked`. */
export function readsAsked(expression: Expression): boolean {
  const known = knownReaders.get(expression)
  const reads = known ?? readsVariable(expression)
  if (known === undefined) knownReaders.set(expression, reads)
  return reads
}

/** For a `let`, the library makes its table of functions anew each time, which costs more than most expressions. */
function scopedTo(asked: Values, expression: Expression): Expression {
  if (!readsAsked(expression)) return expression
  const reference: Expression = { type: 'Literal', value: { ...asked } }
  return {
    type: 'LetExpression',
    bindings: [{ type: 'Binding', variable: 'asked', reference }],
    expression,
  }
}

/** The first alternative with a value that is neither null nor an empty text. */
export function firstOf(expressions: readonly Expression[], value: unknown, asked?: Values): Json {
  for (const expression of expressions) {
    const found = evaluate(expression, value, asked)
    if (found !== null && found !== '') return found
  }
  return null
}

/** As in JMESPath: null, false, and empty texts, lists and maps are false. */
export function isTrue(value: Json): boolean {
  if (value === null || value === false || value === '') return false
  if (typeof value !== 'object') return true
  return Array.isArray(value) ? value.length > 0 : Object.keys(value).length > 0
}

/** Values from JSON stay as they are; anything else is null. */
function toJson(value: unknown): Json {
  return isJson(value) ? value : null
}

function isJson(value: unknown): value is Json {
  return value === null || ['string', 'number', 'boolean', 'object'].includes(typeof value)
}

function faultOf(node: Expression): string | null {
  if (node.type === 'Field' && /^(null|true|false)$/.test(node.name))
    return `has ${node.name}, which is the name of a field in JMESPath; write \`${node.name}\` with its backticks`
  if (node.type === 'Function' && !isRegistered(node.name)) return `knows no function ${node.name}()`
  if (node.type === 'Subexpression' && node.left.type === 'NotExpression')
    return 'has `!a.b`, which means `(!a).b` in JMESPath; write `!(a.b)`'
  if (node.type === 'Variable' && node.name !== 'asked')
    return `knows no variable $${node.name}; there is $asked, what the call was filled with`
  if (node.type === 'LetExpression') return 'has a `let`, which is not needed here'
  const { here, further } = partsOf(node)
  for (const part of [...here, ...further]) {
    const fault = faultOf(part)
    if (fault !== null) return fault
  }
  return null
}
