/** Whether the bytes start like an MP4: a box named `ftyp`. */
export function isMp4(bytes: Uint8Array): boolean {
  return Buffer.from(bytes.subarray(4, 8)).toString('latin1') === 'ftyp'
}

/** The length of an MP4 in seconds, or null if it cannot be read. */
export async function mp4Seconds(bytes: Uint8Array): Promise<number | null> {
  const { BufferSource, Input, MP4 } = await import('mediabunny')
  try {
    return await new Input({ source: new BufferSource(bytes), formats: [MP4] }).computeDuration()
  } catch {
    return null
  }
}

/** `WIDTHxHEIGHT` of a picture, or null if it cannot be read. */
export async function pictureSize(bytes: Uint8Array): Promise<string | null> {
  const { default: sharp } = await import('sharp')
  try {
    const { width, height } = await sharp(bytes).metadata()
    return `${width}x${height}`
  } catch {
    return null
  }
}
