/** Where what an entry was done to can be seen; null where there is no screen for it. */
export type SubjectPlace =
  | { to: '/generations/$id' | '/characters/$id' | '/compare/$id' | '/upstreams/$id'; id: string }
  | { to: '/keys' | '/money' }

const byPrefix = {
  gen: '/generations/$id',
  char: '/characters/$id',
  cmp: '/compare/$id',
} as const

function placeOf(prefix: string): (typeof byPrefix)[keyof typeof byPrefix] | null {
  return prefix === 'gen' || prefix === 'char' || prefix === 'cmp' ? byPrefix[prefix] : null
}

/** Subjects are ids with a prefix, or names of upstreams and tenants: which of them, the action says. */
export function subjectPlace({
  action,
  subject,
}: {
  action: string
  subject: string | null
}): SubjectPlace | null {
  if (subject === null || action.endsWith('.deleted')) return null
  const [, prefix] = /^([a-z]+)_[0-9a-z]{26}$/.exec(subject) ?? []
  const place = prefix === undefined ? null : placeOf(prefix)
  if (place !== null) return { to: place, id: subject }
  if (prefix === 'key') return { to: '/keys' }
  if (action.startsWith('upstream.')) return { to: '/upstreams/$id', id: subject }
  if (action.startsWith('tenant.') || action.startsWith('budget.')) return { to: '/money' }
  return null
}
