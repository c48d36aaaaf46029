/** The screens of the menu, in its order, and the scopes of which one opens it; null for every key. */
export const screens = [
  { to: '/', word: 'overview', scopes: null },
  { to: '/studio', word: 'studio', scopes: ['generate'] },
  { to: '/generations', word: 'generations', scopes: ['generate', 'read', 'observe', 'operate'] },
  { to: '/characters', word: 'characters', scopes: ['generate', 'read'] },
  { to: '/compare', word: 'compare', scopes: ['generate', 'read'] },
  { to: '/upstreams', word: 'upstreams', scopes: null },
  { to: '/money', word: 'money', scopes: null },
  { to: '/keys', word: 'keys', scopes: ['admin'] },
  { to: '/audit', word: 'audit', scopes: ['admin'] },
] as const

export type Screen = (typeof screens)[number]

/** Beside `More`, on a phone. */
const onPhones: ReadonlySet<string> = new Set(['overview', 'studio', 'generations', 'upstreams'])

export function isOnPhones({ word }: Screen): boolean {
  return onPhones.has(word)
}

export function screensFor(scopes: readonly string[]): readonly Screen[] {
  return screens.filter(
    ({ scopes: opening }) => opening === null || opening.some((scope) => scopes.includes(scope)),
  )
}
