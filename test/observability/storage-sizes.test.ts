import { join } from 'node:path'
import t from 'tap'
import { createReadStorageSizes } from '../../src/gateway/observability/metrics/read-storage-sizes.ts'

t.test('what is not there has no size, and what cannot be looked at is no figure of zero', async (t) => {
  const folder = t.testdir({ 'understudy.db': 'x'.repeat(100), media: {} })
  const media = join(folder, 'media')
  const sizes = await createReadStorageSizes({ file: join(folder, 'understudy.db'), media })()
  t.equal(sizes.databaseBytes, 100)
  t.ok((sizes.freeBytes.data ?? 0) > 0 && (sizes.freeBytes.media ?? 0) > 0)
  // Below a file there can be none: the error is ENOTDIR, not ENOENT.
  const below = createReadStorageSizes({ file: join(folder, 'understudy.db', 'other.db'), media })
  await t.rejects(below(), { code: 'ENOTDIR' })
})
