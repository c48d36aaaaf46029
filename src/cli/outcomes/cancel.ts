import type { Api } from '../gateway/api.ts'
import { confirm } from '../output/confirm.ts'
import { dollars } from '../output/table.ts'
import { CliError, exitCodes, note, say, sayJson } from '../output/terminal.ts'
import type { ExitCode, Terminal } from '../output/terminal.ts'
import { filterOf } from './filter.ts'
import { cancelResult } from './shapes.ts'
import type { CancelResult } from './shapes.ts'

export interface CancelOptions {
  filter?: string[]
  dryRun?: boolean
  yes?: boolean
  json?: boolean
}

/** `understudy cancel --filter NAME=VALUE…`: shows how many match, asks, and cancels no more than those. */
export async function cancelByFilter(
  api: Api,
  terminal: Terminal,
  { filter: said = [], dryRun, yes, json }: CancelOptions,
): Promise<ExitCode> {
  const filter = filterOf(said)
  const dry = await api.call('POST', '/generations/cancel', cancelResult, { body: { filter } })
  const count = dry.counts['cancellable'] ?? 0
  if (dryRun === true || count === 0) {
    if (json === true) sayJson(terminal, dry)
    else say(terminal, orderOf(count, dry))
    return exitCodes.fine
  }
  if (yes !== true)
    await confirm(terminal, orderOf(count, dry), {
      question: 'Cancel?',
      refused: 'Nothing was cancelled.',
      hint: 'Nothing was cancelled, because nobody can be asked here. To cancel them, pass --yes.',
    })
  const body = { filter, dry_run: false, expected: dry.matched }
  const done = await api.call('POST', '/generations/cancel', cancelResult, { body })
  if (json === true) sayJson(terminal, done)
  else for (const { id, outcome } of done.data) say(terminal, `${id}  ${outcome.replaceAll('_', ' ')}`)
  const missed = done.counts['not_cancelled'] ?? 0
  if (missed === 0) return exitCodes.fine
  note(terminal, `${missed} could not be cancelled. Repeat the command.`)
  return exitCodes.failed
}

function orderOf(
  count: number,
  { may_still_be_charged_usd: open, paid_without_video_usd: lost }: CancelResult,
) {
  const paid = lost > 0 ? ` ${dollars(lost)} is paid, with no video.` : ''
  return `${count} generations would be cancelled. What upstreams have begun may still be charged: up to ${dollars(open)}.${paid}`
}

export function refuseBoth(ids: readonly string[], filter: readonly string[] | undefined): void {
  if (ids.length > 0 === (filter !== undefined))
    throw new CliError(exitCodes.refused, 'Pass IDs, or --filter.')
}
