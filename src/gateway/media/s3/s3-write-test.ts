import type { S3Client } from './requests/s3-client.ts'
import { S3Error } from './requests/s3-error.ts'
import { putSmall } from './requests/s3-objects.ts'

/** A probe by a load balancer every few seconds would cost as much as the videos. */
const everyMs = 10_000

/** Why a small object cannot be written; null where it can. The answer holds for ten seconds. */
export function createWriteTest(client: S3Client, key: string): () => Promise<string | null> {
  let last: { at: number; fault: Promise<string | null> } | null = null
  return () => {
    const at = performance.now()
    if (last === null || at - last.at > everyMs) last = { at, fault: faultOf(client, key) }
    return last.fault
  }
}

async function faultOf(client: S3Client, key: string): Promise<string | null> {
  try {
    await putSmall(client, key, Buffer.from('writable'), 'text/plain')
    return null
  } catch (error) {
    if (error instanceof S3Error) return error.message
    return 'The media storage cannot be written to.'
  }
}
