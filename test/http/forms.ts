const boundary = 'understudy-test-boundary'

export interface Part {
  name: string
  value: string | Buffer
  filename?: string
  type?: string
}

/** A multipart body built by hand, so that its parts can be malformed. */
export function form(
  parts: Part[],
  end = `--${boundary}--\r\n`,
): { headers: Record<string, string>; payload: Buffer } {
  const pieces = parts.flatMap(({ name, value, filename, type }) => [
    `--${boundary}\r\ncontent-disposition: form-data; name="${name}"`,
    filename === undefined ? '' : `; filename="${filename}"`,
    type === undefined ? '' : `\r\ncontent-type: ${type}`,
    '\r\n\r\n',
    value,
    '\r\n',
  ])
  const payload = Buffer.concat([...pieces, end].map((piece) => Buffer.from(piece)))
  return { headers: { 'content-type': `multipart/form-data; boundary=${boundary}` }, payload }
}
