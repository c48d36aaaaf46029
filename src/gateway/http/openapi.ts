import swagger from '@fastify/swagger'
import type { FastifyInstance } from 'fastify'
import { createJsonSchemaTransform, createJsonSchemaTransformObject } from 'fastify-type-provider-zod'
import { z } from 'zod'
import { scopes } from '../domain/accounts/client.ts'
import type { Access } from './access.ts'
import { scopesFor } from './access.ts'
import { completeOpenapi } from './complete-openapi.ts'
import { sessionCookieName } from './console/cookie.ts'
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
  version: '1.0.0',
  description:
    'A self-hosted gateway for video generation: one API for many upstreams. JSON fields are in snake_case, times are ' +
    'RFC 3339 in UTC, and amounts are in USD. Errors are problem documents (RFC 9457) with a stable `code`.',
  contact: { name: 'Whoever runs this gateway' },
  license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
}

const tags = [
  { name: 'generations', description: 'Create videos and follow their progress.' },
  { name: 'characters', description: 'Reusable identities, mentioned in prompts as `@name`.' },
  { name: 'series', description: 'Lists of scenes as one piece of work.' },
  { name: 'models', description: 'What a key may ask for, of which upstreams, and for how much.' },
  { name: 'usage', description: 'Cost reports and estimates.' },
  { name: 'keys', description: 'API keys and the audit log. Requires the scope `admin`.' },
  { name: 'sessions', description: 'Signing in with a browser: a cookie instead of a key.' },
  { name: 'comparisons', description: 'Render the same scenes with one character on several upstreams.' },
  { name: 'webhooks', description: 'Incoming and outgoing webhooks, signed according to Standard Webhooks.' },
  {
    name: 'openai',
    description:
      'The OpenAI Videos API for the same generations and characters. Set the `baseURL` of the client to a URL that ends in `/v1`.',
  },
  {
    name: 'reseller',
    description: 'The `sora-tasks` protocol of resellers for the same generations and characters.',
  },
  { name: 'problems', description: 'What each error code means, and what to do.' },
  { name: 'operations', description: 'Upstreams, health checks and manual operations.' },
]

/** One requirement per scope that opens the route, with a key or with the session of a browser: any of them is enough. */
function securityOf(access: Access): Array<Record<string, string[]>> {
  if (access === 'public') return []
  if (access === 'optional') return [{}, { session: [] }]
  if (access === 'signature') return [{ signature: [] }]
  return [
    ...scopesFor[access].map((scope) => ({ key: [scope] })),
    ...scopesFor[access].map((scope) => ({ session: [scope] })),
  ]
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
            description: `An API key of this gateway. Its scopes decide what it may do: ${scopes.join(', ')}.`,
          },
          session: {
            type: 'apiKey',
            in: 'cookie',
            name: sessionCookieName,
            description:
              'The session of a browser that has signed in with a key, whose scopes it has. Over https, the name starts with `__Host-`. ' +
              'Requests that change something must come from a page of this server.',
          },
          signature: {
            type: 'apiKey',
            in: 'header',
            name: 'webhook-signature',
            description:
              'Standard Webhooks: HMAC-SHA256 of ID, timestamp and body, keyed with the secret that the sender shares with this gateway.',
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
