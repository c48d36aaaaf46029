export type Environment = Readonly<Record<string, string | undefined>>

type Expansion = { type: 'expanded'; text: string; names: string[] } | { type: 'faulty'; messages: string[] }

// Alternatives in this order: an escaped `$${`, a variable, and a `${` that is neither.
const PIECE = /\$(\$\{)|\$\{([A-Za-z_][A-Za-z0-9_]*)\}|\$\{/g

/**
 * Replaces `${NAME}` from the environment and `$${` by a literal `${`. A variable that is missing or empty is a fault:
 * an empty key would be accepted as written and fail much later. What a variable holds is not expanded again.
 */
export function expandVariables(text: string, env: Environment): Expansion {
  const messages = new Set<string>()
  const names: string[] = []
  const expanded = text.replaceAll(PIECE, (_piece, literal: string | undefined, name: string | undefined) => {
    if (literal !== undefined) return literal
    if (name === undefined) {
      messages.add('a `${` is not followed by a NAME and `}`; write `$${` where a literal `${` is meant')
      return ''
    }
    names.push(name)
    const value = Object.hasOwn(env, name) ? env[name] : undefined
    if (value === undefined) messages.add(`environment variable ${name} is not set`)
    else if (value === '') messages.add(`environment variable ${name} is empty`)
    return value ?? ''
  })
  return messages.size === 0
    ? { type: 'expanded', text: expanded, names }
    : { type: 'faulty', messages: [...messages] }
}
