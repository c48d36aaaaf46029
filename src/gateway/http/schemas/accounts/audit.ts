import { z } from 'zod'
import { auditActions } from '../../../domain/accounts/audit.ts'
import { shownWord } from '../shown-word.ts'
import type { AuditEntry } from '../../../domain/accounts/audit.ts'
import { csvLine } from '../../answers/csv.ts'
import type { Cell } from '../../answers/csv.ts'
import {
  auditId,
  exampleAuditId,
  exampleGenerationId,
  exampleKeyId,
  timestamp,
  toTimestamp,
} from '../fields.ts'
import { pageOf } from '../paging.ts'

/** As a filter. */
export const auditAction = z.enum(auditActions)

export const AuditEntryDto = z
  .object({
    id: auditId,
    at: timestamp,
    action: shownWord(auditActions),
    tenant: z.string().nullable(),
    key: z.string().nullable().meta({ description: 'The name of the key. Null if the caller is unknown.' }),
    key_id: z.string().nullable(),
    address: z.string().nullable().meta({ description: 'The IP address of the caller.' }),
    request_id: z.string().nullable(),
    subject: z.string().nullable().meta({ description: 'The ID of the affected object.' }),
    data: z
      .record(z.string(), z.unknown())
      .meta({ description: 'Details of the action. Never contains prompts or secrets.' }),
  })
  .meta({
    id: 'AuditEntry',
    description:
      'A record of who did what, with which key and from where. Entries never change and are removed only after `retention.audit_days`.',
    examples: [
      {
        id: exampleAuditId,
        at: '2026-11-22T15:04:05.000Z',
        action: 'generation.created',
        tenant: 'studio',
        key: 'marketing',
        key_id: exampleKeyId,
        address: '192.0.2.17',
        request_id: 'req_6f1c5c0e-8a3e-4b0a-9d53-0c8a7b3f2f11',
        subject: exampleGenerationId,
        data: { model: 'sora-2', worst_case_micros: 1_120_000 },
      },
    ],
  })

export const AuditPage = pageOf('AuditPage', AuditEntryDto)

export type AuditEntryDto = z.output<typeof AuditEntryDto>

export function toAuditDto(entry: AuditEntry): AuditEntryDto {
  return {
    id: entry.id,
    at: toTimestamp(entry.at),
    action: entry.action,
    tenant: entry.tenant,
    key: entry.key,
    key_id: entry.keyId,
    address: entry.address,
    request_id: entry.requestId,
    subject: entry.subject,
    data: entry.data,
  }
}

const columns = ['id', 'at', 'action', 'tenant', 'key', 'key_id', 'address', 'request_id', 'subject'] as const

/** One JSON text a line. */
export async function* auditAsNdjson(entries: AsyncIterable<AuditEntry>): AsyncGenerator<string> {
  for await (const entry of entries) yield `${JSON.stringify(toAuditDto(entry))}\n`
}

/** With a line of names; `data` is JSON text in one cell. */
export async function* auditAsCsv(entries: AsyncIterable<AuditEntry>): AsyncGenerator<string> {
  yield csvLine([...columns, 'data'])
  for await (const entry of entries) {
    const dto = toAuditDto(entry)
    const cells: Cell[] = columns.map((name) => dto[name])
    yield csvLine([...cells, JSON.stringify(dto.data)])
  }
}
