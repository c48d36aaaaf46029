/** The length of text that is enough to recognize a video in base64. */
const enough = 96

/** Whether a text starts like a video in base64, with or without the prefix of a data URL. Checks its first bytes. */
export function isInlineVideo(text: string): boolean {
  if (text.length < enough) return false
  const base64 = text
    .slice(0, 256)
    .replace(/^data:[^,]{0,100},/, '')
    .slice(0, enough)
    .replaceAll(/\s/g, '')
  if (!/^[A-Za-z0-9+/_-]{32,}={0,2}$/.test(base64)) return false
  return isVideo(Buffer.from(base64, 'base64'))
}

/** MP4 and QuickTime, WebM and Matroska, AVI. */
function isVideo(bytes: Buffer): boolean {
  const text = bytes.toString('latin1')
  return text.slice(4, 8) === 'ftyp' || text.startsWith('\x1aE\xdf\xa3') || /^RIFF....AVI /s.test(text)
}
