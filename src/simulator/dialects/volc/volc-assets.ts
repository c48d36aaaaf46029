import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { z } from 'zod'
import type { SimulatedCharacter } from '../../clips/character-book.ts'
import { heldBack, sendError } from '../../dialect.ts'
import type { VendorContext } from '../../dialect.ts'
import { fetchReference } from '../../clips/fetch-media.ts'
import type { Operation } from '../../faults/fault.ts'
import { hex } from '../../ids.ts'
import { takeCharacter } from '../../jobs/accept-create.ts'
import type { WantedCharacter } from '../../jobs/accept-create.ts'
import { unfetchable } from '../../faults/vendor-errors.ts'
import { accepted, invalidRequest, invalidType } from '../../jobs/vendor-error.ts'
import type { Verdict } from '../../jobs/vendor-error.ts'
import { fieldsOf } from '../json-order.ts'

/**
 * `/volc/asset/*` of docs/vendors/job-apis.md#seedance-and-its-assets: an asset is fetched into a group, and can be
 * used once a list of the group reports it as `Active`.
 */
export function serveAssets(app: FastifyInstance, context: VendorContext): void {
  const { vendor } = context
  const groups = new Set(vendor.upstream.assetGroups)

  app.post(
    '/volc/asset/CreateAssetGroup',
    guardedByAssetKey(context, 'character_group'),
    (request, reply) => {
      const { model, Name: name } = fieldsOf(request.body)
      const problem =
        modelProblem(model) ?? (typeof name === 'string' ? null : invalidType('Name', 'a string'))
      if (problem !== null) return sendError(reply, context, problem.error)
      const id = `group-${hex(8)}`
      groups.add(id)
      return reply.send({ Id: id })
    },
  )

  app.post(
    '/volc/asset/CreateAsset',
    guardedByAssetKey(context, 'character_create'),
    async (request, reply) => {
      const wanted = await readAsset(fieldsOf(request.body), groups, context)
      const asset = takeCharacter(context, wanted, { request, reply, takesTime: true })
      return asset === null ? reply : reply.send({ Id: asset.id })
    },
  )

  app.post('/volc/asset/ListAssets', guardedByAssetKey(context, 'character_read'), (request, reply) => {
    const query = listQuery.safeParse(request.body)
    if (!query.success) return sendError(reply, context, invalidType('Filter', 'an object').error)
    const { Filter: filter, PageNumber: page, PageSize: size } = query.data
    // Groups of this kind have no type, so a filter by type finds nothing
    // (docs/vendors/job-apis.md#seedance-and-its-assets).
    const found = filter.GroupType === undefined ? assetsIn(context, filter.GroupIds) : []
    for (const asset of found) vendor.characters.poll(asset)
    const items = found.slice((page - 1) * size, page * size).map(describe)
    return reply.send({ Items: items, TotalCount: found.length, PageNumber: page, PageSize: size })
  })
}

const listQuery = z.object({
  model: z.string(),
  Filter: z
    .object({ GroupIds: z.array(z.string()).optional(), GroupType: z.string().optional() })
    .default({}),
  PageNumber: z.int().min(1).default(1),
  PageSize: z.int().min(1).max(100).default(10),
})

/** Some resellers require another key here than for generations (docs/vendors/job-apis.md#seedance-and-its-assets). */
function guardedByAssetKey(context: VendorContext, operation: Operation) {
  const { upstream } = context.vendor
  return {
    onRequest(request: FastifyRequest, reply: FastifyReply, done: () => void) {
      const place = { apiKey: upstream.assetKey ?? upstream.apiKey, jobId: '', fileUrl: '' }
      if (!context.gate.before(operation, request, reply, place)) done()
    },
    ...heldBack(context),
  }
}

const models = ['volc-asset', 'volc-asset-video', 'volc-asset-audio']

function modelProblem(model: unknown) {
  if (models.some((each) => each === model)) return null
  return invalidRequest('channel not found', { kind: 'no_channel', status: 404 })
}

const types = ['Image', 'Video', 'Audio']

async function readAsset(
  fields: Record<string, unknown>,
  groups: ReadonlySet<string>,
  { closing }: VendorContext,
): Promise<Verdict<WantedCharacter>> {
  const { model, GroupId: group, Name: name, AssetType: type = 'Image', URL: url } = fields
  const problem = modelProblem(model)
  if (problem !== null) return problem
  if (typeof group !== 'string' || !groups.has(group))
    return invalidRequest('GroupId is required.', { code: 'MissingParameter', param: 'GroupId' })
  if (!types.some((each) => each === type))
    return invalidRequest(`Invalid 'AssetType': expected one of ${types.join(', ')}.`, { param: 'AssetType' })
  if (typeof url !== 'string') return invalidType('URL', 'a string')
  const media = await fetchReference(url, closing)
  const fits = media !== null && type === (media.kind === 'video' ? 'Video' : 'Image')
  if (!fits) return unfetchable('URL')
  return accepted({
    id: `asset-${hex(8)}`,
    name: typeof name === 'string' ? name : '',
    source: /^https?:/.test(url) ? { type: 'url', url } : { type: 'upload', bytes: media.bytes ?? 0 },
    groupId: group,
  })
}

function assetsIn({ vendor }: VendorContext, groups: readonly string[] | undefined): SimulatedCharacter[] {
  return vendor.characters
    .list()
    .filter(({ groupId }) => groups === undefined || (groupId !== null && groups.includes(groupId)))
}

const statuses = { pending: 'Processing', ready: 'Active', failed: 'Failed' }

function describe(asset: SimulatedCharacter) {
  return {
    Id: asset.id,
    Name: asset.name,
    GroupId: asset.groupId,
    Status: statuses[asset.state],
    ...(asset.failure === null
      ? {}
      : { Error: { Code: asset.failure.code, Message: asset.failure.message } }),
  }
}
