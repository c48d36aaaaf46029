import * as z from 'zod'
import { fileSchema, keySchema, upstreamSchema } from '../schema/schema.ts'
import { mediaSchema } from '../schema/media.ts'
import { storageSchema } from '../schema/storage.ts'
import { nodeRoles } from '../../domain/fleet/node.ts'

// Built from the fields of the schema itself, each of which may be missing here: one that does not parse must not hide
// what is wrong with its neighbours.
const { shape } = upstreamSchema
const upstream = z.object({
  id: shape.id.optional().catch(undefined),
  kind: shape.kind.optional().catch(undefined),
  dialect: shape.dialect.optional().catch(undefined),
  profile: shape.profile.catch(undefined),
  traits: shape.traits.optional().catch(undefined),
  base_url: shape.base_url.optional().catch(undefined),
  api_key: z.unknown().optional(),
  access_key: z.unknown().optional(),
  models: shape.models.optional().catch(undefined),
  sizes: shape.sizes.optional().catch(undefined),
  references: shape.references.optional().catch(undefined),
  source_videos: shape.source_videos.catch(undefined),
  characters: shape.characters.optional().catch(undefined),
  max_characters: z.unknown().optional(),
  character_clip_seconds: z.unknown().optional(),
  price: shape.price.optional().catch(undefined),
  poll: shape.poll.optional().catch(undefined),
  timeouts: shape.timeouts.optional().catch(undefined),
})

const key = z.object({
  name: keySchema.shape.name.optional().catch(undefined),
  key: keySchema.shape.key.optional().catch(undefined),
  scopes: keySchema.shape.scopes.optional().catch(undefined),
  allow: keySchema.shape.allow.optional().catch(undefined),
  upstreams: keySchema.shape.upstreams.optional().catch(undefined),
  models: keySchema.shape.models.optional().catch(undefined),
  tenant: keySchema.shape.tenant.catch(undefined),
  webhook_url: z.unknown().optional(),
  webhook_format: z.unknown().optional(),
  webhook_secrets: z.unknown().optional(),
})

const storage = z.object({
  url: storageSchema.unwrap().shape.url.optional().catch(undefined),
  connections: z.unknown().optional(),
  statement_timeout_seconds: z.unknown().optional(),
  prepared_statements: z.unknown().optional(),
  listen_url: z.unknown().optional(),
  standby: z.unknown().optional(),
  tls_mode: storageSchema.unwrap().shape.tls_mode.catch(undefined),
  tls_ca: z.unknown().optional(),
})

const media = z.object({
  url: mediaSchema.unwrap().shape.url.optional().catch(undefined),
  max_bytes: mediaSchema.unwrap().shape.max_bytes.optional().catch(undefined),
  endpoint: z.unknown().optional(),
  region: z.unknown().optional(),
  path_style: z.unknown().optional(),
  access_key: z.unknown().optional(),
  secret_key: z.unknown().optional(),
  session_token: z.unknown().optional(),
  buffer_directory: z.unknown().optional(),
  buffer_bytes: z.unknown().optional(),
  downloads: z.unknown().optional(),
  public_endpoint: z.unknown().optional(),
})

const outline = z.object({
  server: z
    .object({ role: z.enum(nodeRoles).optional().catch(undefined) })
    .optional()
    .catch(undefined),
  storage: storage.prefault({}).catch({}),
  media: media.prefault({}).catch({}),
  routing: fileSchema.shape.routing.optional().catch(undefined),
  traces: fileSchema.shape.traces.catch(undefined),
  auth: z.object({ keys: z.array(key.catch({})).catch([]) }).catch({ keys: [] }),
  upstreams: z.array(upstream.catch({})).catch([]),
})

/** What the rules that span fields look at; a field that is missing or wrong is undefined. */
export type Outline = z.output<typeof outline>
export type OutlineUpstream = Outline['upstreams'][number]

/** Never fails. */
export function outlineOf(root: unknown): Outline {
  return outline.catch({ storage: {}, media: {}, auth: { keys: [] }, upstreams: [] }).parse(root)
}
