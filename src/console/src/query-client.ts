import { MutationCache, QueryCache, QueryClient } from '@tanstack/react-query'
import { ApiProblem } from './api/problem.ts'
import { expireSession, sessionState, watchSession } from './session/session.ts'

function onError(error: unknown): void {
  if (error instanceof ApiProblem && error.status === 401) expireSession()
}

/** Only reads are repeated, and only where no answer came or the gateway asks for patience: a write may cost money. */
function isWorthRepeating(failures: number, error: unknown): boolean {
  if (!(error instanceof ApiProblem)) return false
  return failures < 2 && (error.status === 0 || error.status === 429 || error.status >= 502)
}

export const queryClient = new QueryClient({
  queryCache: new QueryCache({ onError }),
  mutationCache: new MutationCache({ onError }),
  defaultOptions: {
    queries: { retry: isWorthRepeating, staleTime: 5_000, networkMode: 'always' },
    mutations: { retry: false, networkMode: 'always' },
  },
})

// What one key saw is not for the next one.
watchSession(() => {
  if (sessionState().state === 'signed_out') queryClient.clear()
})
