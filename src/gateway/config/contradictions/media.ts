import type { Outline } from '../document/outline.ts'
import { bucketOnly } from '../schema/media.ts'
import type { Findings } from './findings.ts'
import { fault } from './findings.ts'

/** What a folder has no use for, and what a bucket needs. */
export function checkMedia({ media }: Outline, findings: Findings): void {
  const { url } = media
  if (url === undefined) return
  if (!url.startsWith('s3:')) {
    for (const key of bucketOnly) {
      if (media[key] === undefined) continue
      fault(findings, ['media', key], 'is for S3; remove it, or set media.url to s3://bucket/prefix')
    }
    return
  }
  for (const key of ['access_key', 'secret_key'] as const) {
    if (media[key] !== undefined) continue
    const message = `needs media.${key} to sign requests; set it, such as to \${S3_${key.toUpperCase()}}`
    fault(findings, ['media', 'url'], message)
  }
  if (media.public_endpoint !== undefined && media.downloads !== 'redirect')
    fault(
      findings,
      ['media', 'public_endpoint'],
      'is not used; remove it, or set media.downloads to redirect',
    )
  const { buffer_bytes: buffer, max_bytes: most } = media
  if (typeof buffer === 'number' && typeof most === 'number' && buffer < most) {
    const message = `should be at least media.max_bytes (${most}): a file is inspected there before it is uploaded`
    fault(findings, ['media', 'buffer_bytes'], message)
  }
}
