import { useSyncExternalStore } from 'react'
import { ApiProblem, problemOf } from '../api/problem.ts'
import { takeTicket } from './ticket.ts'

/** Who is signed in: a session stands for a key, and may do what that key may. */
export interface Session {
  key: string
  tenant: string
  scopes: readonly string[]
}

/** `expired`: signed in until a moment ago; the page stays, and asks to sign in again over it. */
export type SessionState =
  | { state: 'loading'; session: null }
  /** `problem`: why an attempt to sign in without a form came to nothing. */
  | { state: 'signed_out'; session: null; problem?: ApiProblem }
  | { state: 'signed_in' | 'expired'; session: Session }

let current: SessionState = { state: 'loading', session: null }
const listeners = new Set<() => void>()

function become(next: SessionState): void {
  current = next
  for (const listener of listeners) listener()
}

/** Calls `listener` after every change. */
export function watchSession(listener: () => void): () => void {
  listeners.add(listener)
  return () => listeners.delete(listener)
}

export function useSession(): SessionState {
  return useSyncExternalStore(watchSession, () => current)
}

export function sessionState(): SessionState {
  return current
}

/** What any call does that is answered with 401. */
export function expireSession(): void {
  if (current.state === 'signed_in') become({ state: 'expired', session: current.session })
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null
}

function parseSession(value: unknown): Session | null {
  if (!isRecord(value)) return null
  const { key, tenant, scopes } = value
  if (typeof tenant !== 'string' || !Array.isArray(scopes)) return null
  const name = isRecord(key) ? key['name'] : key
  if (typeof name !== 'string') return null
  return { key: name, tenant, scopes: scopes.filter((scope) => typeof scope === 'string') }
}

async function call(
  method: 'GET' | 'POST' | 'DELETE',
  body?: Record<string, string>,
): Promise<Session | null> {
  const response = await fetch('/console/session', {
    method,
    ...(body !== undefined && {
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    }),
  }).catch(() => {
    throw new ApiProblem('The gateway does not answer. Check the network, then try again.', {})
  })
  if (!response.ok) throw await problemOf(response)
  return response.status === 204 ? null : parseSession(await response.json())
}

/** Asks the gateway who is signed in. */
export async function loadSession(): Promise<void> {
  const session = await call('GET')
  if (session !== null) become({ state: 'signed_in', session })
  else if (current.session !== null) expireSession()
  else become({ state: 'signed_out', session: null })
}

/** @throws {ApiProblem} with the words of the gateway, when the key or the ticket is not valid */
export async function signIn(proof: { key: string } | { ticket: string }): Promise<void> {
  const session = await call('POST', proof)
  if (session === null) throw new ApiProblem('The gateway did not say who is signed in. Try again.', {})
  become({ state: 'signed_in', session })
}

/** Signs in with the ticket of a first start if the address has one; else asks who is signed in. Says it where neither works. */
export async function startSession(): Promise<void> {
  const ticket = takeTicket()
  let problem: ApiProblem | null = null
  try {
    if (ticket !== null) return await signIn({ ticket })
  } catch (error) {
    problem = asProblem(error)
  }
  try {
    await loadSession()
  } catch (error) {
    problem = asProblem(error)
  }
  if (current.session === null)
    become({ state: 'signed_out', session: null, ...(problem !== null && { problem }) })
}

function asProblem(error: unknown): ApiProblem {
  return error instanceof ApiProblem ? error : new ApiProblem(String(error), { code: 'unreadable' })
}

export async function signOut(): Promise<void> {
  await call('DELETE')
  become({ state: 'signed_out', session: null })
}

/** Asks the gateway whether the session still is; if not, asks to sign in. @throws {ApiProblem} when no answer came */
export async function isSignedIn(): Promise<boolean> {
  const session = await call('GET')
  if (session === null) expireSession()
  return session !== null
}
