import type { Client } from './client.ts'

/** What a key sees of the generations of a tenant: everything, everything but prompts and media, or nothing. */
export type View = 'whole' | 'outline' | 'none'

/** Whether a key sees the generations of every tenant, at least in outline. */
export function observes({ scopes }: Pick<Client, 'scopes'>): boolean {
  return scopes.includes('observe') || scopes.includes('operate')
}

export function viewOf(client: Pick<Client, 'tenant' | 'scopes'>, tenant: string): View {
  const { scopes } = client
  const isOwn = client.tenant === tenant && (scopes.includes('read') || scopes.includes('generate'))
  if (isOwn) return 'whole'
  if (!observes(client)) return 'none'
  return scopes.includes('operate_prompts') ? 'whole' : 'outline'
}
