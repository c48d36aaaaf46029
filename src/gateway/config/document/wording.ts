import type * as z from 'zod'
import { didYouMean } from '../../domain/near-word.ts'

const KINDS: Readonly<Record<string, string>> = {
  string: 'text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'a map of keys',
  record: 'a map of keys',
}

/** A validation issue in words. Never repeats the value: it may be a secret in the wrong place. */
export function issueInWords(issue: z.core.$ZodRawIssue): string {
  const { input } = issue
  if (input === undefined) return 'is required'
  if (issue.code === 'invalid_type') return wrongType(issue.expected, input)
  if (issue.code === 'invalid_value') {
    const known = issue.values.map(String)
    return `should be ${orList(known)}${didYouMean(input, known)}`
  }
  if (issue.code === 'too_big') return `should be at most ${issue.maximum}`
  if (issue.code === 'invalid_key') return 'is not an allowed name'
  if (issue.code !== 'too_small') return 'is not valid here'
  return issue.origin === 'array' ? 'should not be empty' : `should be at least ${issue.minimum}`
}

function wrongType(expected: string, input: unknown): string {
  if (expected === 'string' && (typeof input === 'number' || typeof input === 'boolean')) {
    return 'should be text; put it in quotes'
  }
  if (expected === 'number' && typeof input === 'number') return 'should be a finite number'
  if (expected === 'int' && typeof input === 'number') return 'should be a whole number'
  return `should be ${KINDS[expected] ?? expected}, not ${kindOf(input)}`
}

function kindOf(input: unknown): string {
  if (input === null) return 'null'
  if (Array.isArray(input)) return 'a list'
  return KINDS[typeof input] ?? typeof input
}

export function orList(words: readonly string[]): string {
  return words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} or ${words.at(-1) ?? ''}`
}
