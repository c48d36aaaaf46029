import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod'
import { z } from 'zod'
import type { TenantService } from '../../../services/accounts/tenants.ts'
import { clientOf } from '../../access.ts'
import { accountName, toMicrosOrNull } from '../../schemas/accounts/key-request.ts'
import { TenantChange, TenantDto, TenantPage, toTenantDto } from '../../schemas/accounts/tenant.ts'
import { limit } from '../../schemas/paging.ts'
import { answer, keyed, problems, unreadableBody } from '../../schemas/problem.ts'

const params = z.object({ name: accountName })

const listQuery = z.strictObject({
  limit,
  cursor: accountName.optional().meta({ description: 'The `next_cursor` of the previous page.' }),
})

/** Tenants and the budgets that their keys share. */
export const tenantsRoutes: FastifyPluginAsyncZod<{ tenants: TenantService }> = async (app, { tenants }) => {
  app.get('/tenants', {
    config: { access: 'oversee' },
    schema: {
      operationId: 'listTenants',
      tags: ['keys'],
      summary: 'List tenants',
      description: 'Returns the tenants that have a key, a budget or work, in order of their names.',
      querystring: listQuery,
      response: { 200: answer('One page.', TenantPage), ...problems(...keyed, 'validation_failed') },
    },
    async handler(request): Promise<TenantPage> {
      const { cursor: after = null, limit: count } = request.query
      const { data, hasMore } = await tenants.list(clientOf(request), { after, limit: count })
      return {
        data: data.map(toTenantDto),
        has_more: hasMore,
        next_cursor: hasMore ? (data.at(-1)?.name ?? null) : null,
      }
    },
  })

  app.get('/tenants/:name', {
    config: { access: 'oversee' },
    schema: {
      operationId: 'getTenant',
      tags: ['keys'],
      summary: 'Get a tenant',
      params,
      response: { 200: answer('The tenant.', TenantDto), ...problems(...keyed, 'not_found') },
    },
    async handler(request): Promise<TenantDto> {
      return toTenantDto(await tenants.get(clientOf(request), request.params.name))
    },
  })

  app.patch('/tenants/:name', {
    config: { access: 'admin' },
    schema: {
      operationId: 'updateTenant',
      tags: ['keys'],
      summary: 'Set the budget of a tenant',
      description:
        'Applies to the next request of every key of the tenant, together with the budget of the key. The tenant needs no key yet.',
      params,
      body: TenantChange,
      response: { 200: answer('The tenant.', TenantDto), ...problems(...keyed, ...unreadableBody) },
    },
    async handler(request): Promise<TenantDto> {
      const settings = { monthlyBudgetMicros: toMicrosOrNull(request.body.monthly_budget_usd) }
      return toTenantDto(await tenants.update(clientOf(request), request.params.name, settings))
    },
  })
}
