import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { startFaultProxy } from '../../s3/fault-proxy.ts'
import type { S3Fault } from '../../s3/fault-proxy.ts'
import { keys, startS3Proxy } from '../../s3/s3proxy.ts'
import type { Random } from '../random.ts'
import type { BucketDisturbance, Disturbance } from './plan.ts'

/** The media of all nodes in one bucket, behind one proxy. */
export interface Bucket {
  /** What the configuration of this node says of media. */
  media(index: number): object
  /** One disturbance at a time: false if another one goes on. */
  disturb(kind: BucketDisturbance, disturbance: Disturbance): Promise<void> | false
  remove(): Promise<void>
}

/** The videos of chaos have some 20 to 60 kB: cut is what has begun. */
const mostCutBytes = 20_000

export async function startBucket(directory: string, random: Random): Promise<Bucket> {
  const server = await startS3Proxy()
  const proxy = await startFaultProxy(server.endpoint)
  const { bucket, endpoint } = await server.bucket('fleet', proxy.url)
  let isBusy = false

  async function during(forMs: number, faultOf: () => S3Fault | null): Promise<void> {
    proxy.fault(faultOf)
    await pause(forMs)
    proxy.fault(() => null)
  }
  function act(kind: BucketDisturbance, { forMs, delayMs, share }: Disturbance): Promise<void> {
    if (kind === 'restart_bucket') return server.restart()
    const some = (fault: () => S3Fault) => during(forMs, () => (random.chance(share) ? fault() : null))
    switch (kind) {
      case 'cut_bucket':
        return some(() => cutOf(random))
      case 'slow_bucket':
        return during(forMs, () => ({ type: 'drip', msPerKb: delayMs }))
      case 'hang_bucket':
        return some(() => ({ type: 'hang' }))
      case 'refuse_bucket':
        return during(forMs, () => ({ type: 'answer', status: 503, code: 'SlowDown' }))
    }
  }
  return {
    media: (index) => ({
      url: `s3://${bucket}/understudy`,
      endpoint,
      access_key: keys.accessKey,
      secret_key: keys.secretKey,
      buffer_directory: join(directory, `buffer-${index}`),
    }),
    disturb(kind, disturbance) {
      if (isBusy) return false
      isBusy = true
      return act(kind, disturbance).finally(() => {
        isBusy = false
      })
    },
    async remove() {
      await proxy.close()
      await server.stop()
    },
  }
}

function cutOf(random: Random): S3Fault {
  const afterBytes = random.int(0, mostCutBytes)
  return random.pick([
    { type: 'cut_upload', afterBytes },
    { type: 'cut_download', afterBytes },
    { type: 'cut_answer' },
  ])
}
