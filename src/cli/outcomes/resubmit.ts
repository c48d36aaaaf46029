import { RefusedError } from '../gateway/api.ts'
import type { Api } from '../gateway/api.ts'
import { exitCodes, note, say, sayJson } from '../output/terminal.ts'
import type { ExitCode, Terminal } from '../output/terminal.ts'
import { operatedGeneration } from './shapes.ts'

export interface ResubmitOptions {
  acceptTwoBills?: boolean
  attempt?: string
  json?: boolean
}

/** `understudy resubmit ID`: asks another upstream beside an unknown attempt. Without the option it says what that may cost. */
export async function resubmit(
  api: Api,
  terminal: Terminal,
  id: string,
  { acceptTwoBills = false, attempt, json }: ResubmitOptions,
): Promise<ExitCode> {
  const body = { accept_two_bills: acceptTwoBills, ...(attempt !== undefined && { attempt }) }
  try {
    const path = `/generations/${encodeURIComponent(id)}/resubmit`
    const made = await api.call('POST', path, operatedGeneration, { body })
    if (json === true) sayJson(terminal, made)
    else say(terminal, `${made.id}  ${made.status}`)
    return exitCodes.fine
  } catch (error) {
    if (error instanceof RefusedError && error.code === 'two_bills_possible')
      note(terminal, 'Nothing was sent. Pass --accept-two-bills to send it.')
    throw error
  }
}
