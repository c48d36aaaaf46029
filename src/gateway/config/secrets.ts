import { bucketKeysOf } from './schema/media.ts'
import { databaseSecretOf } from './schema/storage.ts'
import type { FileKey, FileSettings, FileUpstream } from './schema/schema.ts'
import type { Secrets } from './settings.ts'

/** Everything in the file that must not be shown, apart from the rest of it. */
export function secretsOf(
  { auth, storage, media, upstreams, traces }: FileSettings,
  adminKey: string | null,
): Secrets {
  return {
    database: databaseSecretOf(storage),
    bucket: bucketKeysOf(media),
    adminKey,
    clientKeys: auth.keys.map(({ name, key }) => ({ name, key })),
    upstreamKeys: secretsById(upstreams, ({ api_key: key }) => key),
    upstreamKeyPairs: keyPairs(upstreams),
    upstreamHeaders: new Map(upstreams.map(({ id, headers }) => [id, headers])),
    traceHeaders: traces?.headers ?? {},
    webhookSecrets: secretsById(upstreams, ({ webhook_secret: secret }) => secret),
    signingSecrets: signingSecretsOf(auth.keys),
  }
}

function secretsById(
  upstreams: readonly FileUpstream[],
  secretOf: (upstream: FileUpstream) => string | undefined,
): Map<string, string> {
  return new Map(
    upstreams.flatMap((upstream) => {
      const secret = secretOf(upstream)
      return secret === undefined ? [] : [[upstream.id, secret] as const]
    }),
  )
}

function keyPairs(upstreams: readonly FileUpstream[]): Secrets['upstreamKeyPairs'] {
  return new Map(
    upstreams.flatMap(({ id, access_key: accessKey, secret_key: secretKey }) =>
      accessKey === undefined || secretKey === undefined ? [] : [[id, { accessKey, secretKey }] as const],
    ),
  )
}

function signingSecretsOf(keys: readonly FileKey[]): Map<string, string[]> {
  const secrets = new Map<string, string[]>()
  for (const { name, tenant = name, webhook_secrets: own = [] } of keys) {
    if (own.length > 0) secrets.set(tenant, [...new Set([...(secrets.get(tenant) ?? []), ...own])])
  }
  return secrets
}
