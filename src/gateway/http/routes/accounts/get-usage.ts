import type { FastifyReply } from 'fastify'
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod'
import { z } from 'zod'
import type { UsageQuestion, UsageReport, UsageService } from '../../../services/usage/usage.ts'
import { clientOf } from '../../access.ts'
import { wantsFormat } from '../../answers/csv.ts'
import { instant, text, toMsOrNull, trueOrFalse } from '../../schemas/fields.ts'
import { answer, answerAs, keyed, problems } from '../../schemas/problem.ts'
import { UsageDto, toUsageCsv, toUsageDto, usageDimension } from '../../schemas/accounts/usage-report.ts'

const names = usageDimension.options.join('|')

const reportQuery = z.strictObject({
  from: instant.optional().meta({
    description:
      'Include attempts that started at or after this time. Default: the start of the current month.',
  }),
  to: instant.optional().meta({ description: 'Include attempts that started before this time.' }),
  group_by: z
    .string()
    .regex(
      new RegExp(`^(?:${names})(?:,(?:${names}))*$`),
      `must be one or more of ${names}, separated by commas`,
    )
    .optional()
    .meta({ description: `One or more of ${names}, separated by commas.`, examples: ['key,day'] }),
  tenant: text(64)
    .optional()
    .meta({ description: 'Requires the scope `admin`, `observe` or `operate`. Default: all tenants.' }),
  fill: trueOrFalse.optional().meta({
    description:
      '`true`: with `day` or `hour` in `group_by`, hours or days without attempts are rows of zeros, up to now, for each group that has a row. Default: only rows with attempts.',
  }),
})

const usageQuery = reportQuery.extend({
  format: z.enum(['json', 'csv']).optional().meta({ description: 'Takes precedence over `Accept`.' }),
})

function toQuestion(asked: z.output<typeof reportQuery>): UsageQuestion {
  const { from, to, group_by: groups, tenant = null, fill } = asked
  const groupBy = [...new Set(z.array(usageDimension).parse(groups?.split(',') ?? []))]
  return { tenant, from: toMsOrNull(from), to: toMsOrNull(to), groupBy, fill: fill === 'true' }
}

function sendCsv(reply: FastifyReply, report: UsageReport): FastifyReply {
  reply.header('content-disposition', 'attachment; filename="usage.csv"')
  return reply.type('text/csv; charset=utf-8; header=present').send(toUsageCsv(report))
}

export const usageRoutes: FastifyPluginAsyncZod<{ usage: UsageService }> = async (app, { usage }) => {
  app.get('/usage', {
    config: { access: 'operations' },
    schema: {
      operationId: 'getUsage',
      tags: ['usage'],
      summary: 'Get a usage report',
      description:
        'Sums the costs and counts of attempts. Returns JSON, or CSV if `Accept` or `format` asks for it.',
      querystring: usageQuery,
      response: {
        200: answerAs('The report.', { 'application/json': UsageDto, 'text/csv': z.string() }),
        ...problems(...keyed, 'validation_failed'),
      },
    },
    async handler(request, reply) {
      const report = await usage.report(clientOf(request), toQuestion(request.query))
      const { format } = request.query
      const isCsv = wantsFormat(format, 'csv', request.headers.accept, 'text/csv')
      return isCsv ? sendCsv(reply, report) : toUsageDto(report)
    },
  })

  app.get('/usage.csv', {
    config: { access: 'operations' },
    schema: {
      operationId: 'exportUsage',
      tags: ['usage'],
      summary: 'Export a usage report as CSV',
      description: 'The rows of `GET /usage` without the totals. Cells that start like a formula are text.',
      querystring: reportQuery,
      response: {
        200: answer('A line of column names, then one line per row.', z.string(), 'text/csv'),
        ...problems(...keyed, 'validation_failed'),
      },
    },
    async handler(request, reply) {
      return sendCsv(reply, await usage.report(clientOf(request), toQuestion(request.query)))
    },
  })
}
