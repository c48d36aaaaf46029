import { useCallback, useRef, useState } from 'react'
import { ApiProblem } from '../../../api/problem.ts'
import { keyedParts, mayBeAccepted, newKey, parseParts } from '../../../rules/send-once.ts'
import type { KeyedPart } from '../../../rules/send-once.ts'
import { expireSession } from '../../../session/session.ts'
import type { Part } from './send.ts'
import type { SessionClip } from './session-clips.ts'

const storageKey = 'understudy.studio.open'
/** The second half of a double click is no second order. */
const restMs = 700

/** What became of the last sending. */
export interface SendOutcome {
  /** The places of the parts that were accepted, from 0. */
  accepted: number[]
  total: number
  problem: ApiProblem | null
  /** Whether the part with the problem may have been accepted all the same. */
  isOpen: boolean
}

export interface SendState {
  phase: 'idle' | 'sending' | 'sent'
  outcome: SendOutcome | null
}

function keep(parts: readonly KeyedPart[]): void {
  if (parts.length === 0) sessionStorage.removeItem(storageKey)
  else sessionStorage.setItem(storageKey, JSON.stringify(parts))
}

/** Sends parts in order, until one has a problem. The keys of those without an answer are kept, also over reloading. */
async function sendAll(parts: readonly Part[], onMade: (made: SessionClip) => void): Promise<SendOutcome> {
  const open = parseParts(sessionStorage.getItem(storageKey))
  const keyed = keyedParts(
    open,
    parts.map(({ stamp }) => stamp),
    () => newKey((bytes) => crypto.getRandomValues(bytes)),
  )
  const keys = new Set(keyed.map(({ key }) => key))
  const others = open.filter(({ key }) => !keys.has(key))
  const accepted: number[] = []
  for (const [index, part] of parts.entries()) {
    const { key = '' } = keyed[index] ?? {}
    keep([...others, ...keyed.slice(index)])
    try {
      onMade(await part.send(key))
      accepted.push(index)
    } catch (error) {
      if (!(error instanceof ApiProblem)) throw error
      const isOpen = mayBeAccepted(error)
      keep([...others, ...keyed.slice(index, isOpen ? index + 1 : index)])
      return { accepted, total: parts.length, problem: error, isOpen }
    }
  }
  keep(others)
  return { accepted, total: parts.length, problem: null, isOpen: false }
}

/** Sends each part once, whatever is clicked and whatever the network does. */
export function useSend(onMade: (made: SessionClip) => void) {
  const [state, setState] = useState<SendState>({ phase: 'idle', outcome: null })
  // In a ref, since a second click comes before the next render.
  const isBusy = useRef(false)
  const send = useCallback(
    async (parts: readonly Part[]): Promise<SendOutcome | null> => {
      if (isBusy.current || parts.length === 0) return null
      isBusy.current = true
      setState({ phase: 'sending', outcome: null })
      try {
        const outcome = await sendAll(parts, onMade)
        if (outcome.problem?.status === 401) expireSession()
        setState({ phase: outcome.problem === null ? 'sent' : 'idle', outcome })
        return outcome
      } finally {
        setTimeout(() => {
          isBusy.current = false
          setState(({ outcome }) => ({ phase: 'idle', outcome }))
        }, restMs)
      }
    },
    [onMade],
  )
  const forget = useCallback(() => setState(({ phase }) => ({ phase, outcome: null })), [])
  return { state, send, forget }
}
