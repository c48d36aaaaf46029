/** Keys and list positions from the root of the file. */
export type Path = ReadonlyArray<string | number>

/** A path as a key of a map or a set. */
export function pathKey(path: Path): string {
  return JSON.stringify(path)
}

/** Something wrong at a path, before it is known where in the file that is. Messages never repeat a value of the file. */
export interface Fault {
  path: Path
  message: string
  at: 'key' | 'value'
}

/** `line` and `column` count from 1. They are null for values that are not in a file (an environment variable) and for unreadable files. */
export interface ConfigProblem {
  line: number | null
  column: number | null
  path: string
  message: string
}

const PLAIN_NAME = /^[\w<-][\w.-]*$/
const NAME_LENGTH = 60

/** A key as it can be shown: control characters escaped, long ones cut. */
export function showKey(key: string): string {
  const short = key.length > NAME_LENGTH ? `${key.slice(0, NAME_LENGTH)}…` : key
  return PLAIN_NAME.test(short) ? short : JSON.stringify(short)
}

/** `upstreams[0].price.default` */
export function formatPath(path: Path): string {
  return path
    .map((part, index) => {
      if (typeof part === 'number') return `[${part}]`
      return index === 0 ? showKey(part) : `.${showKey(part)}`
    })
    .join('')
}

/** One line per problem, in the order of the file: `understudy.yaml:12:5 upstreams[0].price: is required`. */
export function formatProblems(fileName: string | null, problems: readonly ConfigProblem[]): string {
  const rank = (problem: ConfigProblem) => problem.line ?? Number.MAX_SAFE_INTEGER
  return problems
    .toSorted((a, b) => rank(a) - rank(b) || (a.column ?? 0) - (b.column ?? 0))
    .map(({ line, column, path, message }) => {
      const place = line === null ? '' : `${fileName ?? 'configuration'}:${line}:${column ?? 1} `
      return path === '' ? `${place}${message}` : `${place}${path}: ${message}`
    })
    .join('\n')
}
