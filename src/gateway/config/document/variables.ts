export type Environment = Readonly<Record<string, string | undefined>>

/** Where values from outside the file come from. */
export interface Outside {
  env: Environment
  /** What a file holds, without the line's end that editors leave, or what is wrong with it in a few words. */
  readSecretFile: (path: string) => { text: string } | { fault: string }
}

type Expansion = { type: 'expanded'; text: string; names: string[] } | { type: 'faulty'; messages: string[] }

// Alternatives in this order: an escaped `$${`, a file, a variable, and a `${` that is none of them.
const PIECE = /\$(\$\{)|\$\{file:([^{}]+)\}|\$\{([A-Za-z_][A-Za-z0-9_]*)\}|\$\{/g

/**
 * Replaces `${NAME}` from the environment, `${file:PATH}` by what the file holds, and `$${` by a literal `${`. What is
 * missing or empty is a fault: an empty key would be accepted as written and fail much later. What a variable or file
 * holds is not expanded again.
 */
export function expandVariables(text: string, { env, readSecretFile }: Outside): Expansion {
  const messages = new Set<string>()
  const names: string[] = []
  const fromFile = (path: string): string => {
    const read = readSecretFile(path)
    if ('text' in read && read.text !== '') return read.text
    messages.add(`file ${path} ${'text' in read ? 'is empty' : read.fault}`)
    return ''
  }
  const fromEnvironment = (name: string): string => {
    const value = Object.hasOwn(env, name) ? env[name] : undefined
    if (value === undefined) messages.add(`environment variable ${name} is not set`)
    else if (value === '') messages.add(`environment variable ${name} is empty`)
    return value ?? ''
  }
  const expanded = text.replaceAll(
    PIECE,
    (_piece, literal: string | undefined, path: string | undefined, name: string | undefined) => {
      if (literal !== undefined) return literal
      if (path !== undefined) {
        names.push(`file:${path}`)
        return fromFile(path)
      }
      if (name !== undefined) {
        names.push(name)
        return fromEnvironment(name)
      }
      messages.add(
        'a `${` is not followed by a NAME or file:PATH and `}`; write `$${` where a literal `${` is meant',
      )
      return ''
    },
  )
  return messages.size === 0
    ? { type: 'expanded', text: expanded, names }
    : { type: 'faulty', messages: [...messages] }
}
