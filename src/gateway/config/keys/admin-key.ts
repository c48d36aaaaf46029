import { gatewayKey } from '../schema/fields.ts'
import type { ConfigProblem } from '../document/config-problem.ts'
import type { Environment } from '../document/variables.ts'
import { issueInWords } from '../document/wording.ts'

const NAME = 'UNDERSTUDY_ADMIN_KEY'

/** The key that administers, where the environment has one; null when it is not set, or not fit to be one. */
export function adminKeyOf(env: Environment): string | null {
  const parsed = gatewayKey.safeParse(env[NAME] ?? '')
  return parsed.success ? parsed.data : null
}

/** `others` are the secrets of the keys in the file. The message never repeats the value. */
export function adminKeyProblems(env: Environment, others: readonly unknown[]): ConfigProblem[] {
  const text = env[NAME] ?? ''
  if (text === '') return []
  const parsed = gatewayKey.safeParse(text, { error: issueInWords })
  const messages = parsed.success ? [] : parsed.error.issues.map(({ message }) => message)
  if (others.includes(text)) messages.push('is the same secret as that of a key in the file')
  return messages.map((message) => ({
    line: null,
    column: null,
    path: NAME,
    message: `${message} (environment variable)`,
  }))
}
