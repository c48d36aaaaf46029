import { useSession } from './session.ts'

/** Whether the key has one of these scopes. */
export function useCan(...scopes: readonly string[]): boolean {
  const { session } = useSession()
  return session !== null && scopes.some((scope) => session.scopes.includes(scope))
}
