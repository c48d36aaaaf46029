import type { S3Client } from './requests/s3-client.ts'
import { S3Error, noAnswer } from './requests/s3-error.ts'
import { putSmall } from './requests/s3-objects.ts'

/** A probe by a load balancer every few seconds would cost as much as the videos. */
const everyMs = 10_000

/** Probes wait for seconds, and then take the gateway for dead. */
const answerMs = 4000

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
  const signal = AbortSignal.timeout(answerMs)
  try {
    await putSmall(client, key, Buffer.from('writable'), { contentType: 'text/plain', signal })
    return null
  } catch (error) {
    if (error instanceof S3Error) return error.message
    if (signal.aborted) return noAnswer(signal.reason).message
    return 'The media storage cannot be written to.'
  }
}
