import swagger from '@fastify/swagger'
import type { FastifyInstance } from 'fastify'
import { createJsonSchemaTransform, createJsonSchemaTransformObject } from 'fastify-type-provider-zod'
import { z } from 'zod'
import type { Access } from './access.ts'
import { scopesFor } from './access.ts'
import { completeOpenapi } from './complete-openapi.ts'
import { outgoingWebhooks } from './schemas/webhooks/webhook-message.ts'

type JsonConfig = NonNullable<Parameters<typeof createJsonSchemaTransform>[0]['zodToJsonConfig']>

const zodToJsonConfig: JsonConfig = {
  // zod spells the calendar out as a pattern of 400 characters; the format says the same.
  override: ({ jsonSchema }) => {
    if (jsonSchema.format === 'date-time') delete jsonSchema.pattern
  },
}

const info = {
  title: 'Understudy',
  version: '0.1.0',
  description:
    'A self-hosted gateway for video generation: one API, whichever upstream can play the part. JSON in snake_case, ' +
    'times in RFC 3339 UTC, money in USD. Errors are problem documents (RFC 9457) with a stable `code`.',
  license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
}

const tags = [
  { name: 'generations', description: 'Requests for videos, and what became of them.' },
  { name: 'characters', description: 'Identities that appear in prompts as `@name`.' },
  { name: 'usage', description: 'What was paid, and what it would have cost elsewhere.' },
  { name: 'keys', description: 'Who may call, and what they may do. For keys with the scope admin.' },
  { name: 'comparisons', description: 'The same scenes with one character on several upstreams.' },
  { name: 'webhooks', description: 'News in both directions, signed as Standard Webhooks say.' },
  {
    name: 'openai',
    description: 'The OpenAI Videos API over the same generations and characters: `baseURL` ends in `/v1`.',
  },
  {
    name: 'reseller',
    description: 'The `sora-tasks` protocol of resellers over the same generations and characters.',
  },
  { name: 'operations', description: 'Upstreams and health.' },
]

/** One requirement per scope that opens the route: any of them is enough. */
function securityOf(access: Access): Array<Record<string, string[]>> {
  if (access === 'public' || access === 'optional') return []
  if (access === 'signature') return [{ signature: [] }]
  return scopesFor[access].map((scope) => ({ key: [scope] }))
}

/** A body that the handler reads itself, as the content map that the route schema cannot express. */
function bodyOf(bodies: Record<string, z.ZodType>) {
  const media = Object.entries(bodies).map(([contentType, schema]) => {
    const id = z.globalRegistry.get(schema)?.id
    return [contentType, { schema: { $ref: `#/components/schemas/${id}Input` } }] as const
  })
  return { content: Object.fromEntries(media) }
}

/**
 * Collects the routes that are registered after it. The document is made on first use (`app.swagger()`), from the zod
 * schemas of the routes and, for their rights, from `config.access`.
 */
export async function registerOpenApi(app: FastifyInstance): Promise<void> {
  const fromZod = createJsonSchemaTransform({ zodToJsonConfig })
  const components = createJsonSchemaTransformObject({ zodToJsonConfig })
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info,
      tags,
      servers: [{ url: '/', description: 'This gateway' }],
      webhooks: outgoingWebhooks,
      components: {
        securitySchemes: {
          key: {
            type: 'http',
            scheme: 'bearer',
            description:
              'A key of this gateway. What it may do depends on its scopes: generate, read, operate, operate_prompts, admin.',
          },
          signature: {
            type: 'apiKey',
            in: 'header',
            name: 'webhook-signature',
            description:
              'Standard Webhooks: HMAC-SHA256 of id, timestamp and body, with the secret that the sender shares with this gateway.',
          },
        },
      },
    },
    transform(input) {
      const { schema, url } = fromZod(input)
      const { access = 'generate', bodies } = input.route.config ?? {}
      if (schema.hide === true) return { schema, url }
      return {
        schema: { ...schema, security: securityOf(access), ...(bodies && { body: bodyOf(bodies) }) },
        url,
      }
    },
    transformObject: (document) => completeOpenapi(components(document)),
  })
}
