import t from 'tap'
import { createFrames } from '../../src/gateway/media/frames/frames.ts'
import { createS3Archive } from '../../src/gateway/media/s3/s3-archive.ts'
import { mediaArchiveContract } from '../contract/media-archive.suite.ts'
import { skipWithout } from '../observe/programs.ts'
import { keys, startS3Proxy } from '../s3/s3proxy.ts'

const skip = skipWithout('java', 'mvn')

if (skip !== false) {
  t.test('an archive in a bucket', { skip }, () => Promise.resolve())
} else {
  const frames = createFrames()
  t.teardown(() => frames.close())
  const server = await startS3Proxy()
  t.teardown(() => server.stop())
  let buckets = 0

  mediaArchiveContract(t, async (t) => {
    const place = await server.bucket(`bucket-${buckets++}`)
    const archive = await createS3Archive({
      place,
      keys,
      prefix: 'videos/of-a-test',
      buffer: t.testdir(),
      bufferBytes: 100_000_000,
      frames,
      // So small that every clip is sent, and copied, in parts.
      sizes: { single: 1000, part: 8 * 1024 * 1024, copy: 1000, copyPart: 8 * 1024 * 1024 },
    })
    return archive
  })
}
