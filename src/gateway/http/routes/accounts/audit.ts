import { Readable } from 'node:stream'
import type { FastifyReply } from 'fastify'
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod'
import { z } from 'zod'
import type { AuditEntry } from '../../../domain/accounts/audit.ts'
import type { AuditQuery } from '../../../ports/accounts/audit-log.ts'
import type { AuditService } from '../../../services/accounts/audit.ts'
import { wantsFormat } from '../../answers/csv.ts'
import {
  AuditEntryDto,
  AuditPage,
  auditAction,
  auditAsCsv,
  auditAsNdjson,
  toAuditDto,
} from '../../schemas/accounts/audit.ts'
import { auditId, instant, text, toMsOrNull } from '../../schemas/fields.ts'
import { limit, toPage } from '../../schemas/paging.ts'
import { answer, answerAs, keyed, problems } from '../../schemas/problem.ts'

const exportQuery = z.strictObject({
  tenant: text(64).optional(),
  key: text(64).optional().meta({ description: 'The name of a key.' }),
  action: auditAction.optional(),
  subject: text(64).optional().meta({ description: 'The ID of the affected object.' }),
  from: instant.optional(),
  to: instant.optional(),
})

const auditQuery = exportQuery.extend({
  limit: limit.meta({ description: 'The number of entries per page. Ignored for exports.' }),
  cursor: auditId.optional().meta({ description: 'The `next_cursor` of the previous page.' }),
  format: z
    .enum(['json', 'ndjson', 'csv'])
    .optional()
    .meta({ description: 'Takes precedence over `Accept`.' }),
})

function toQuery(asked: z.output<typeof exportQuery>): Omit<AuditQuery, 'before' | 'limit'> {
  const { tenant = null, key = null, action = null, subject = null, from, to } = asked
  return { tenant, key, action, subject, from: toMsOrNull(from), to: toMsOrNull(to) }
}

function sendExport(
  reply: FastifyReply,
  lines: AsyncIterable<string>,
  type: string,
  name: string,
): FastifyReply {
  reply.headers({ 'content-type': type, 'content-disposition': `attachment; filename="${name}"` })
  return reply.send(Readable.from(lines))
}

function sendCsv(reply: FastifyReply, entries: AsyncIterable<AuditEntry>): FastifyReply {
  return sendExport(reply, auditAsCsv(entries), 'text/csv; charset=utf-8; header=present', 'audit.csv')
}

export const auditRoutes: FastifyPluginAsyncZod<{ audit: AuditService }> = async (app, { audit }) => {
  app.get('/audit', {
    config: { access: 'admin' },
    exposeHeadRoute: false,
    schema: {
      operationId: 'listAudit',
      tags: ['keys'],
      summary: 'List audit log entries',
      description:
        'Returns one page as JSON, or every matching entry as NDJSON or CSV, chosen by `Accept` or `format`.',
      querystring: auditQuery,
      response: {
        200: answerAs('The entries, newest first.', {
          'application/json': AuditPage,
          'application/x-ndjson': AuditEntryDto,
          'text/csv': z.string(),
        }),
        ...problems(...keyed, 'validation_failed'),
      },
    },
    async handler(request, reply) {
      const { limit: count, cursor: before = null, format } = request.query
      const query = toQuery(request.query)
      const { accept } = request.headers
      if (wantsFormat(format, 'ndjson', accept, 'application/x-ndjson')) {
        return sendExport(reply, auditAsNdjson(audit.all(query)), 'application/x-ndjson', 'audit.ndjson')
      }
      if (wantsFormat(format, 'csv', accept, 'text/csv')) return sendCsv(reply, audit.all(query))
      const { data, hasMore } = await audit.list({ ...query, before, limit: count })
      return toPage(data.map(toAuditDto), hasMore)
    },
  })

  app.get('/audit.csv', {
    config: { access: 'admin' },
    exposeHeadRoute: false,
    schema: {
      operationId: 'exportAudit',
      tags: ['keys'],
      summary: 'Export audit log entries as CSV',
      description: 'Every matching entry, newest first. Cells that start like a formula are text.',
      querystring: exportQuery,
      response: {
        200: answer('A line of column names, then one line per entry.', z.string(), 'text/csv'),
        ...problems(...keyed, 'validation_failed'),
      },
    },
    handler: (request, reply) => sendCsv(reply, audit.all(toQuery(request.query))),
  })
}
