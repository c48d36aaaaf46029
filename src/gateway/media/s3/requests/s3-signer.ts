import { AwsV4Signer } from 'aws4fetch'

/** How a bucket is reached. */
export interface S3Place {
  /** Scheme, host and port, without a trailing slash. */
  endpoint: string
  region: string
  bucket: string
  /** Whether the bucket is in the path, not in the host name. */
  pathStyle: boolean
}

export interface S3Keys {
  accessKey: string
  secretKey: string
  sessionToken: string | null
}

export interface SignedRequest {
  url: URL
  headers: Record<string, string>
}

export interface S3Signer {
  /** Signs a request with the digest of its body (SHA-256 in hex), which the server compares with the bytes that arrive. */
  sign(request: {
    method: string
    key: string | null
    query: Record<string, string>
    headers: Record<string, string>
    sha256: string
  }): Promise<SignedRequest>
  /** A URL at which anybody may GET an object for so long, https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-query-string-auth.html */
  presign(request: { key: string; query: Record<string, string>; validSeconds: number }): Promise<URL>
}

/** Of no bytes. */
export const emptySha256 = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'

/** AWS Signature Version 4, https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-authenticating-requests.html */
export function createS3Signer(place: S3Place, keys: S3Keys): S3Signer {
  const options = {
    service: 's3',
    region: place.region,
    accessKeyId: keys.accessKey,
    secretAccessKey: keys.secretKey,
    ...(keys.sessionToken !== null && { sessionToken: keys.sessionToken }),
    /** Of signing keys, one a day. */
    cache: new Map<string, ArrayBuffer>(),
  }
  return {
    async sign({ method, key, query, headers, sha256 }) {
      const url = urlOf(place, key, query)
      const signed = await new AwsV4Signer({
        ...options,
        method,
        url,
        headers: { ...headers, 'x-amz-content-sha256': sha256 },
      }).sign()
      return { url: signed.url, headers: Object.fromEntries(signed.headers) }
    },
    async presign({ key, query, validSeconds }) {
      const url = urlOf(place, key, { ...query, 'X-Amz-Expires': String(validSeconds) })
      const signed = await new AwsV4Signer({ ...options, method: 'GET', url, signQuery: true }).sign()
      return signed.url
    },
  }
}

/** `key` null: the bucket itself. */
export function urlOf(
  { endpoint, bucket, pathStyle }: Omit<S3Place, 'region'>,
  key: string | null,
  query: Record<string, string>,
): string {
  const url = new URL(endpoint)
  if (!pathStyle) url.host = `${bucket}.${url.host}`
  const path = [...(pathStyle ? [bucket] : []), ...(key === null ? [] : key.split('/'))]
  url.pathname = `/${path.map(encodeURIComponent).join('/')}`
  for (const [name, value] of Object.entries(query)) url.searchParams.set(name, value)
  return url.href
}
