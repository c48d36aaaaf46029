import type { z } from 'zod'

const nouns: Record<string, string> = {
  string: 'a string',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'an object',
  record: 'an object',
}

function size(origin: string, count: number | bigint): string {
  if (origin === 'string') return `${count} ${count === 1 ? 'character' : 'characters'}`
  if (origin === 'array' || origin === 'set') return `${count} ${count === 1 ? 'entry' : 'entries'}`
  return String(count)
}

function isMissing(issue: z.core.$ZodIssue): boolean {
  return issue.input === undefined || (issue.input === null && issue.path.length === 0)
}

function isMeasured(origin: string): boolean {
  return origin !== 'number' && origin !== 'int'
}

function tooSmall({ origin, minimum, inclusive }: z.core.$ZodIssueTooSmall): string {
  if (origin === 'string' && minimum === 1) return 'must not be empty'
  const least = size(origin, minimum)
  if (isMeasured(origin)) return `must have at least ${least}`
  return inclusive === false ? `must be more than ${least}` : `must be at least ${least}`
}

function tooBig({ origin, maximum, inclusive }: z.core.$ZodIssueTooBig): string {
  const most = size(origin, maximum)
  if (isMeasured(origin)) return `must have at most ${most}`
  return inclusive === false ? `must be less than ${most}` : `must be at most ${most}`
}

/**
 * A zod issue as the end of a sentence that starts with the name of the field. Messages of the schema are used unchanged.
 */
export function describeIssue(issue: z.core.$ZodIssue): string {
  const isWhole = issue.path.length === 0
  if (issue.code === 'invalid_type') {
    if (isMissing(issue)) return isWhole ? 'must be a JSON object' : 'is required'
    return `must be ${nouns[issue.expected] ?? issue.expected}`
  }
  if (issue.code === 'invalid_value') {
    return isMissing(issue) ? 'is required' : `must be one of ${issue.values.map(String).join(', ')}`
  }
  if (issue.code === 'too_small') return tooSmall(issue)
  if (issue.code === 'too_big') return tooBig(issue)
  return issue.message
}
