import { namePattern, normalName } from './mentions.ts'

/** Why a text is no name of a character. The gateway has the last word; a test compares the two. */
export const nameFaults = ['missing', 'too_long', 'reserved', 'upper_case', 'format'] as const
export type NameFault = (typeof nameFaults)[number]

const whole = new RegExp(`^${namePattern}$`, 'v')
/** In code points. */
const longest = 40

/** Null for a name. Compatibility forms, such as full-width letters, are names: the gateway stores the usual form. */
export function nameFault(typed: string): NameFault | null {
  const name = typed.normalize('NFKC')
  if (name === '') return 'missing'
  if (Array.from(name).length > longest) return 'too_long'
  if (name.startsWith('char_')) return 'reserved'
  if (!whole.test(name)) return 'format'
  return name === normalName(name) ? null : 'upper_case'
}
