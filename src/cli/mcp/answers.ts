import type { CallToolResult } from '@modelcontextprotocol/server'
import { RefusedError } from '../gateway/api.ts'
import { CliError, exitCodes } from '../output/terminal.ts'
import { quoted, word } from './views/quoted.ts'
import type { Session } from './session.ts'
import { ToolError } from './tool-error.ts'

/** Longer than any error of the gateway with its reasons, shorter than a page. */
const mostDetail = 1500

/** Runs a tool. Its result is JSON, also as text for clients that read no structured content. Nothing is thrown. */
export async function answer(
  session: Session,
  work: () => Promise<Record<string, unknown>>,
): Promise<CallToolResult> {
  try {
    const result = await session.inTurn(work)
    return { content: [{ type: 'text', text: JSON.stringify(result) }], structuredContent: result }
  } catch (error) {
    const { code, message, whatToDo, more } = toolErrorOf(session, error)
    const result = { error: { code, message: quoted(message, mostDetail), what_to_do: whatToDo }, ...more }
    return {
      isError: true,
      content: [{ type: 'text', text: JSON.stringify(result) }],
      structuredContent: result,
    }
  }
}

/** Any error as one that says what to do. Unexpected ones are only named: their texts may be of anybody. */
export function toolErrorOf(session: Pick<Session, 'log'>, error: unknown): ToolError {
  if (error instanceof ToolError) return error
  if (error instanceof RefusedError)
    return new ToolError(word(error.code ?? `http_${error.status}`), error.message, adviceFor(error))
  if (error instanceof CliError) return ofCli(error)
  const name = error instanceof Error ? error.name : typeof error
  if (name === 'AbortError') return new ToolError('cancelled', 'The call was cancelled.', 'Nothing.')
  if (isOfFiles(error))
    return new ToolError('file_error', `The file cannot be used (${error.code}).`, 'Use another path.')
  session.log(`Unexpected ${name}.`)
  return new ToolError(
    'internal',
    `Unexpected ${name}.`,
    'Call the tool again. If it fails again, tell the user.',
  )
}

function ofCli(error: CliError): ToolError {
  const { exitCode, message } = error
  if (exitCode === exitCodes.unreachable)
    return new ToolError(
      'gateway_unreachable',
      message,
      'Ask the user to start the gateway. Accepted generations continue when it runs again.',
    )
  if (exitCode === exitCodes.timedOut)
    return new ToolError('gateway_timeout', message, 'Call the tool again in a minute.')
  return new ToolError('failed', message, 'Tell the user.')
}

function adviceFor({ status, code }: RefusedError): string {
  if (status === 401 || status === 403)
    return 'Ask the user for a key with the permission: `understudy login`, then start this server again.'
  if (status === 404) return 'Check the ID or the name with a list tool.'
  if (status === 429 || status >= 500) return 'Call the tool again in a minute.'
  if (code === 'video_not_ready') return 'Call wait_for_generation first.'
  if (code === 'name_taken') return 'Use the existing character, or another name.'
  if (code === 'idempotency_key_reused') return 'A file of the request has changed: pass the next `take`.'
  return 'Change the arguments as the message says.'
}

function isOfFiles(error: unknown): error is Error & { code: string } {
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  return typeof code === 'string' && /^E[A-Z]+$/.test(code) && error instanceof Error && 'errno' in error
}
