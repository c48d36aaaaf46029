import { z } from 'zod'
import type { ListedJob } from '../../ports/upstream.ts'
import { isHtml, parseJson } from '../answers/json-body.ts'
import { readVendorError } from '../answers/verdicts/vendor-error.ts'
import { instantOf, wireId, wireText } from '../answers/wire-fields.ts'
import type { Dialect, ListPage, ReceivedAnswer } from '../dialect.ts'
import { askingCall } from './build-call.ts'
import type { ListPart } from './description/description-calls.ts'
import type { Description } from './description/description-parts.ts'
import { firstOf } from './expressions/expression.ts'
import type { Expression } from './expressions/expression.ts'
import { operationOf } from './operation.ts'

/** The jobs that a vendor lists, newest first. The stored values of a job come from its entry. */
export function describedList(
  list: ListPart,
  keep: Description['create']['keep'],
  read: (answer: ReceivedAnswer) => ReceivedAnswer,
): NonNullable<Dialect['list']> {
  return {
    isAuthority: !list.partial,
    encode(after) {
      if (after === null || list.more === undefined) return askingCall(list, {})
      return askingCall({ ...list, path: list.more }, { after })
    },
    decode: (answer) => decodeList(list, keep, read(answer)),
  }
}

function decodeList(list: ListPart, keep: Description['create']['keep'], answer: ReceivedAnswer): ListPage {
  const { status, headers, body } = answer
  if ([404, 405, 501].includes(status) || (status < 300 && isHtml(headers['content-type'], body)))
    return { type: 'unsupported' }
  const value = parseJson(body)
  const items = status < 300 ? z.array(z.unknown()).safeParse(firstOf(list.items, value)).data : undefined
  if (items === undefined) {
    const { message } = readVendorError(answer)
    return { type: 'unreachable', message: `HTTP ${status}${message === '' ? '' : `: ${message}`}` }
  }
  const jobs = items.map((item) => listedJob(list, keep, item)).filter((job) => job !== null)
  const next = wireId.parse(firstOf(list.next ?? [], value)) ?? null
  return { type: 'page', jobs, skipped: items.length - jobs.length, next }
}

function listedJob(list: ListPart, keep: Description['create']['keep'], item: unknown): ListedJob | null {
  const take = (from: readonly Expression[] | undefined) => firstOf(from ?? [], item)
  const id = wireId.parse(take(list.id))
  const operation = id === undefined ? null : operationOf(id, keep, item, {})
  if (id === undefined || operation === null) return null
  return {
    upstreamId: id,
    operation,
    model: wireText.parse(take(list.model)) ?? null,
    prompt: z.string().nullable().catch(null).parse(take(list.prompt)),
    createdAt: instantOf(take(list.created)),
  }
}
