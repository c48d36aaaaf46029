import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { z } from 'zod'
import type { SimulatedCharacter } from '../../clips/character-book.ts'
import { fetchReference } from '../../clips/fetch-media.ts'
import { keepRawJson } from '../../credentials/raw-json.ts'
import { signatureFault } from '../../credentials/volcengine-signature.ts'
import type { SignatureFault } from '../../credentials/volcengine-signature.ts'
import { heldBack, sendError, sendNotFound } from '../../dialect.ts'
import type { VendorContext } from '../../dialect.ts'
import { unfetchable } from '../../faults/vendor-errors.ts'
import { createGate } from '../../gate.ts'
import { hex } from '../../ids.ts'
import { takeCharacter } from '../../jobs/accept-create.ts'
import type { WantedCharacter } from '../../jobs/accept-create.ts'
import { accepted, invalidRequest } from '../../jobs/vendor-error.ts'
import type { Verdict } from '../../jobs/vendor-error.ts'
import { fieldsOf } from '../json-order.ts'
import { assetSpeech, responseMetadata } from './ark-asset-speech.ts'

const operations = {
  CreateAssetGroup: 'character_group',
  CreateAsset: 'character_create',
  GetAsset: 'character_read',
} as const
const query = z.object({
  Action: z.enum(['CreateAssetGroup', 'CreateAsset', 'GetAsset']),
  Version: z.literal('2024-01-01'),
})

/** The asset library, on a host of its own: `/openapi/` here. Its calls are signed (docs/vendors/video-apis.md#ark). */
export function serveArkAssets(app: FastifyInstance, context: VendorContext): void {
  const vendor = { ...context.vendor, speech: assetSpeech(context.vendor.speech) }
  const library = { ...context, vendor, gate: createGate(vendor, context.closing) }
  void app.register((scope, _options, done) => {
    const rawBody = keepRawJson(scope)
    const groups = new Set<string>()
    scope.post('/openapi/', checked(library, rawBody), async (request, reply) => {
      const { Action: action } = query.parse(request.query)
      const result = await resultOf(action, { context: library, groups, request, reply })
      if (result === null) return reply
      return reply.send({ ResponseMetadata: responseMetadata(action), Result: result })
    })
    done()
  })
}

/** Faults come first, then the signature, then the endpoint. */
function checked(context: VendorContext, rawBody: (request: FastifyRequest) => Buffer) {
  return {
    onRequest(request: FastifyRequest, reply: FastifyReply, done: () => void) {
      const asked = query.safeParse(request.query)
      if (!asked.success) {
        const details = { status: 404, code: 'InvalidActionOrVersion' }
        sendError(reply, context, invalidRequest('Could not find operation for version.', details).error)
        return
      }
      const place = { apiKey: null, jobId: '', fileUrl: '' }
      if (!context.gate.before(operations[asked.data.Action], request, reply, place)) done()
    },
    preHandler(request: FastifyRequest, reply: FastifyReply, done: () => void) {
      const { upstream, clock } = context.vendor
      const pair = upstream.keyPair ?? { accessKey: '', secretKey: '' }
      const { method, url, headers } = request.raw
      const fault = signatureFault(
        { method: method ?? '', url: url ?? '', headers, body: rawBody(request) },
        'ark',
        { ...pair, at: clock.now() },
      )
      if (fault === null) return done()
      const [status, message] = words[fault]
      sendError(reply, context, invalidRequest(message, { status, code: fault }).error)
    },
    ...heldBack(context),
  }
}

const words: Record<SignatureFault, [status: number, message: string]> = {
  MissingRequestInfo: [400, 'The request is missing X-Date or Authorization information.'],
  InvalidAuthorization: [400, "Invalid 'Authorization' header, Pls check authorization header."],
  InvalidTimestamp: [400, 'The Signature of the request is expired.'],
  InvalidAccessKey: [401, 'The accesskey included in the request is invalid.'],
  SignatureDoesNotMatch: [
    401,
    'The request signature we calculated does not match the signature you provided.',
  ],
}

interface Asked {
  context: VendorContext
  groups: Set<string>
  request: FastifyRequest
  reply: FastifyReply
}

/** Null when the request has been answered. */
async function resultOf(action: keyof typeof operations, asked: Asked): Promise<object | null> {
  const { context, groups, request, reply } = asked
  const fields = fieldsOf(request.body)
  switch (action) {
    case 'CreateAssetGroup': {
      const { Name: name } = fields
      if (typeof name !== 'string' || name === '' || name.length > 64) {
        sendError(reply, context, invalidRequest('Name is not valid.', { param: 'Name' }).error)
        return null
      }
      const id = `group-${hex(8)}`
      groups.add(id)
      return { Id: id }
    }
    case 'CreateAsset': {
      const wanted = await readAsset(fields, groups, context)
      const asset = takeCharacter(context, wanted, { request, reply, takesTime: true })
      return asset === null ? null : { Id: asset.id }
    }
    case 'GetAsset': {
      const id = String(fields['Id'])
      const asset = context.vendor.characters.find(id)
      if (asset === undefined) {
        sendNotFound(reply, context, id)
        return null
      }
      context.vendor.characters.poll(asset)
      return describe(asset)
    }
  }
}

const assetBody = z.object({
  GroupId: z.string(),
  URL: z.string(),
  Name: z.string().max(64).default(''),
  AssetType: z.enum(['Image', 'Video']),
})

async function readAsset(
  fields: Record<string, unknown>,
  groups: ReadonlySet<string>,
  { closing }: VendorContext,
): Promise<Verdict<WantedCharacter>> {
  const parsed = assetBody.safeParse(fields)
  if (!parsed.success) return invalidRequest(`${String(parsed.error.issues[0]?.path[0])} is not valid.`)
  const { GroupId: groupId, URL: url, Name: name, AssetType: type } = parsed.data
  if (!groups.has(groupId))
    return invalidRequest('The specified asset group is not found.', { param: 'GroupId' })
  const media = await fetchReference(url, closing)
  if (media?.kind !== (type === 'Video' ? 'video' : 'image')) return unfetchable('URL')
  return accepted({ id: `asset-${hex(8)}`, name, source: { type: 'url', url }, groupId })
}

const statuses = { pending: 'Processing', ready: 'Active', failed: 'Failed' }

function describe({ id, name, groupId, state, failure }: SimulatedCharacter) {
  return {
    Id: id,
    Name: name,
    GroupId: groupId,
    Status: statuses[state],
    ...(failure !== null && { Error: { Code: failure.code, Message: failure.message } }),
  }
}
