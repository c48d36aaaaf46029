import * as fc from 'fast-check'
import t from 'tap'
import {
  leastPartBytes,
  mostParts,
  mostSingleBytes,
  planParts,
} from '../../src/gateway/media/s3/requests/part-plan.ts'

const MiB = 1024 * 1024
/** The largest object that S3 takes. */
const mostObjectBytes = 5 * 1024 * 1024 * MiB
/** The largest part that S3 takes, and the least of all but the last. */
const [mostPartBytes, leastAllowedBytes] = [5 * 1024 * MiB, 5 * MiB]

t.test('parts cover a file without a gap, within the limits of S3', async (t) => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: mostObjectBytes }), (bytes) => {
      const parts = planParts(bytes)
      if (parts.length > mostParts) return false
      let at = 0
      for (const [index, { number, start, end }] of parts.entries()) {
        const length = end - start + 1
        if (number !== index + 1 || start !== at || length < 1 || length > mostPartBytes) return false
        const isLast = index === parts.length - 1
        if (!isLast && (length < leastAllowedBytes || length % MiB !== 0)) return false
        at = end + 1
      }
      return at === bytes
    }),
    { numRuns: 200 },
  )
  t.pass()
})

t.test('the borders between one part and two, and between least parts and larger ones', async (t) => {
  const borders = [
    [1, 1, 1],
    [leastPartBytes, 1, leastPartBytes],
    [leastPartBytes + 1, 2, leastPartBytes],
    [mostSingleBytes, 2, leastPartBytes],
    [leastPartBytes * mostParts, mostParts, leastPartBytes],
    [leastPartBytes * mostParts + 1, Math.ceil((leastPartBytes * mostParts + 1) / (9 * MiB)), 9 * MiB],
  ] as const
  for (const [bytes, count, first] of borders) {
    const parts = planParts(bytes)
    t.equal(parts.length, count, `${bytes} bytes`)
    t.match(parts[0], { number: 1, start: 0, end: first - 1 }, `${bytes} bytes`)
  }
})
