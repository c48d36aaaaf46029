import * as z from 'zod'
import type { Config, Secrets } from '../settings.ts'
import { count, httpUrl, secret, text } from './fields.ts'

const usualRegion = 'us-east-1'
const usualBuffer = './data/media-buffer'
/** Four of the largest files: what is received, inspected and decoded at the same time. */
const usualBufferFiles = 4
/** Who gives the bytes of a video to a caller: the gateway, or the bucket. */
export const downloadModes = ['proxy', 'redirect'] as const
const s3Form = 'should be s3://bucket or s3://bucket/prefix, such as s3://videos/understudy'

/** `file:./media`, `file:///media` or `s3://bucket/prefix`. */
const mediaUrl = z.string().transform((value, context) => {
  const message = faultIn(value)
  if (message === null) return value
  context.addIssue({ code: 'custom', message })
  return z.NEVER
})

export const mediaSchema = z
  .strictObject({
    url: mediaUrl.prefault('file:./data/media'),
    retention_days: z.number().min(0.01).max(36_500).nullable().default(30),
    max_bytes: count.default(2_147_483_648),
    endpoint: httpUrl.optional(),
    region: text.optional(),
    path_style: z.boolean().optional(),
    access_key: secret.optional(),
    secret_key: secret.optional(),
    session_token: secret.optional(),
    buffer_directory: text.optional(),
    buffer_bytes: count.optional(),
    downloads: z.enum(downloadModes).optional(),
    public_endpoint: httpUrl.optional(),
  })
  .prefault({})

export type FileMedia = z.output<typeof mediaSchema>

/** The settings that mean nothing to a folder. */
export const bucketOnly = [
  'endpoint',
  'region',
  'path_style',
  'access_key',
  'secret_key',
  'session_token',
  'buffer_directory',
  'buffer_bytes',
  'downloads',
  'public_endpoint',
] as const satisfies ReadonlyArray<keyof FileMedia>

export function mediaOf(file: FileMedia): Config['media'] {
  const kept = { retentionDays: file.retention_days, maxBytes: file.max_bytes }
  const bucket = bucketIn(file.url)
  if (bucket === null) return { ...kept, directory: directoryIn(file.url) ?? '', s3: null }
  const region = file.region ?? usualRegion
  const endpoint = file.endpoint ?? `https://s3.${region}.amazonaws.com`
  return {
    ...kept,
    directory: file.buffer_directory ?? usualBuffer,
    s3: {
      ...bucket,
      endpoint,
      region,
      // Servers that are not AWS's rarely have a host name for each bucket.
      pathStyle: file.path_style ?? file.endpoint !== undefined,
      publicEndpoint: file.downloads === 'redirect' ? (file.public_endpoint ?? endpoint) : null,
      bufferBytes: file.buffer_bytes ?? usualBufferFiles * file.max_bytes,
    },
  }
}

export function bucketKeysOf({
  access_key: accessKey,
  secret_key: secretKey,
  session_token: token,
}: FileMedia): Secrets['bucket'] {
  if (accessKey === undefined || secretKey === undefined) return null
  return { accessKey, secretKey, sessionToken: token ?? null }
}

function faultIn(value: string): string | null {
  if (/^s3:/i.test(value)) return bucketIn(value) === null ? s3Form : null
  const directory = directoryIn(value)
  return directory === undefined || /[?#]/.test(directory)
    ? 'should be file: and a directory, such as file:./data/media, or s3://bucket/prefix'
    : null
}

function directoryIn(url: string): string | undefined {
  return /^file:(?:\/\/)?(.+)$/.exec(url)?.[1]
}

/** The characters of a prefix are those that are the same in a URL: every server and tool agrees on their signature. */
function bucketIn(url: string): { bucket: string; prefix: string } | null {
  const [, bucket, prefix = ''] =
    /^s3:\/\/([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])(?:\/([\w.-]+(?:\/[\w.-]+)*)?\/?)?$/.exec(url) ?? []
  return bucket === undefined || /(^|\/)\.\.?(\/|$)/.test(prefix) ? null : { bucket, prefix }
}
