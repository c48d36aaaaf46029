import { parseXml, XmlElement } from '@rgrove/parse-xml'

/** One page of a listing. `next` continues it; null after the last page. */
export interface ObjectPage {
  objects: Array<{ key: string; changedAt: number }>
  prefixes: string[]
  next: string | null
}

export interface UploadPage {
  uploads: Array<{ key: string; uploadId: string; begunAt: number }>
  next: { key: string; uploadId: string } | null
}

/** Of an error in a body, whatever its status: a copy that fails late answers 200. Null if there is none. */
export function errorCodeIn(body: string): string | null {
  const root = rootOf(body)
  if (root?.name !== 'Error') return null
  const code = textOf(root, 'Code') ?? ''
  return /^\w{1,64}$/.test(code) ? code : null
}

/** https://docs.aws.amazon.com/AmazonS3/latest/API/API_CreateMultipartUpload.html */
export function uploadIdIn(body: string): string | null {
  const root = rootOf(body)
  return root === null ? null : textOf(root, 'UploadId')
}

/** Of a part that was copied, https://docs.aws.amazon.com/AmazonS3/latest/API/API_UploadPartCopy.html */
export function etagIn(body: string): string | null {
  const root = rootOf(body)
  return root === null ? null : textOf(root, 'ETag')
}

/** https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectsV2.html; null for another document. */
export function objectPageIn(body: string): ObjectPage | null {
  const root = rootOf(body)
  if (root?.name !== 'ListBucketResult') return null
  return {
    objects: childrenOf(root, 'Contents').map((each) => ({
      key: textOf(each, 'Key') ?? '',
      changedAt: timeIn(each, 'LastModified'),
    })),
    prefixes: childrenOf(root, 'CommonPrefixes').map((each) => textOf(each, 'Prefix') ?? ''),
    next: textOf(root, 'IsTruncated') === 'true' ? textOf(root, 'NextContinuationToken') : null,
  }
}

/** https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListMultipartUploads.html; null for another document. */
export function uploadPageIn(body: string): UploadPage | null {
  const root = rootOf(body)
  if (root?.name !== 'ListMultipartUploadsResult') return null
  const key = textOf(root, 'NextKeyMarker')
  return {
    uploads: childrenOf(root, 'Upload').map((each) => ({
      key: textOf(each, 'Key') ?? '',
      uploadId: textOf(each, 'UploadId') ?? '',
      begunAt: timeIn(each, 'Initiated'),
    })),
    next:
      textOf(root, 'IsTruncated') === 'true' && key !== null
        ? { key, uploadId: textOf(root, 'NextUploadIdMarker') ?? '' }
        : null,
  }
}

/** https://docs.aws.amazon.com/AmazonS3/latest/API/API_CompleteMultipartUpload.html */
export function completionOf(parts: ReadonlyArray<{ number: number; etag: string }>): string {
  const listed = parts.map(
    ({ number, etag }) => `<Part><PartNumber>${number}</PartNumber><ETag>${escaped(etag)}</ETag></Part>`,
  )
  return `<CompleteMultipartUpload xmlns="http://s3.amazonaws.com/doc/2006-03-01/">${listed.join('')}</CompleteMultipartUpload>`
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;')
}

/** Without a time it counts as new, so that nothing is removed for want of one. */
function timeIn(element: XmlElement, name: string): number {
  const time = Date.parse(textOf(element, name) ?? '')
  return Number.isNaN(time) ? Infinity : time
}

function rootOf(body: string): XmlElement | null {
  if (body.trim() === '') return null
  try {
    return parseXml(body.trim()).root
  } catch {
    return null
  }
}

function childrenOf(element: XmlElement, name: string): XmlElement[] {
  return element.children.filter(
    (each): each is XmlElement => each instanceof XmlElement && each.name === name,
  )
}

function textOf(element: XmlElement, name: string): string | null {
  return childrenOf(element, name)[0]?.text ?? null
}
