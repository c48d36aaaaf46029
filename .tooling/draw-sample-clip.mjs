// Draws the clip that the console offers to a person who has none at hand: a picture of the project's own, moved by code.
// `node .tooling/draw-sample-clip.mjs` writes src/console/src/pages/characters/sample.mp4, which is committed.
import { writeFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import * as codecs from '@napi-rs/webcodecs'
import sharp from 'sharp'

const { EncodedVideoChunk, VideoColorSpace, VideoDecoder, VideoEncoder, VideoFrame } = codecs
Object.assign(globalThis, { EncodedVideoChunk, VideoColorSpace, VideoDecoder, VideoEncoder, VideoFrame })
const { BufferTarget, Mp4OutputFormat, Output, VideoSample, VideoSampleSource } = await import('mediabunny')

const [width, height, framesPerSecond, seconds] = [640, 360, 12, 5]
const target = fileURLToPath(new URL('../src/console/src/pages/characters/sample.mp4', import.meta.url))

/** A barista behind her counter, `at` seconds after the start: she looks around, blinks, and waves from the second second on. */
function picture(at) {
  const turn = Math.sin((at / seconds) * 2 * Math.PI)
  const breath = Math.sin(at * 2.6)
  const isBlinking = at % 1.7 < 0.1
  const greeting = Math.max(0, Math.min(1, (at - 1.2) * 2, (4.6 - at) * 2))
  const arm = -14 - 48 * greeting + 16 * greeting * Math.sin(at * 9)
  const eye = isBlinking ? 1 : 8
  const steam = [0, 1, 2].map((n) => {
    const rise = (at * 0.5 + n / 3) % 1
    const x = 508 + 8 * Math.sin(at * 2 + n * 2)
    return `<circle cx="${x}" cy="${236 - rise * 62}" r="${5 + rise * 9}" fill="#fff" opacity="${0.5 * (1 - rise)}"/>`
  })
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}">
    <rect width="640" height="360" fill="#e9d8bf"/>
    <rect x="36" y="34" width="176" height="150" rx="8" fill="#a9d3e0"/>
    <circle cx="${74 + at * 8}" cy="78" r="20" fill="#f9e3a0"/>
    <path d="M36 150q44-36 88-8t88-10v44a8 8 0 0 1-8 8H44a8 8 0 0 1-8-8z" fill="#7fb08a"/>
    <path d="M124 34v150M36 109h176" stroke="#f7efe2" stroke-width="7"/>
    <rect x="452" y="58" width="156" height="9" rx="4" fill="#8a5a3b"/>
    <rect x="470" y="26" width="24" height="32" rx="4" fill="#c05b4d"/>
    <rect x="504" y="18" width="20" height="40" rx="4" fill="#dfb15b"/>
    <rect x="536" y="30" width="30" height="28" rx="4" fill="#5d8aa8"/>
    <g transform="translate(${320 + turn * 7} ${breath * 2})">
      <path d="M-92 330q-6-112 92-118 98 6 92 118z" fill="#f3efe6"/>
      <g transform="rotate(${arm} 74 236)">
        <path d="M62 232h92a15 15 0 0 1 0 32H66z" fill="#f3efe6"/>
        <circle cx="164" cy="248" r="17" fill="#e0ab88"/>
        <path d="M172 240l18-10M178 248h20" stroke="#e0ab88" stroke-width="9" stroke-linecap="round"/>
      </g>
      <path d="M-52 224q52 28 104 0l10 110H-62z" fill="#2f7a58"/>
      <path d="M-52 226l-10-22M52 226l10-22" stroke="#2f7a58" stroke-width="11"/>
      <rect x="-17" y="180" width="34" height="40" rx="14" fill="#d39b78"/>
      <g transform="translate(${turn * 8} 0) rotate(${turn * 4} 0 190)">
        <path d="M-64 150c-10-92 138-92 128 0v40q0 12-14 12h-100q-14 0-14-12z" fill="#1f1b22"/>
        <ellipse cx="${turn * 4}" cy="154" rx="47" ry="46" fill="#e8b793"/>
        <path d="M-50 138c4-56 96-56 100 0q-36-4-52-26-16 22-48 26z" fill="#1f1b22"/>
        <ellipse cx="${-18 + turn * 7}" cy="146" rx="6" ry="${eye}" fill="#1f1b22"/>
        <ellipse cx="${18 + turn * 7}" cy="146" rx="6" ry="${eye}" fill="#1f1b22"/>
        <circle cx="${-29 + turn * 6}" cy="166" r="8" fill="#dd8f78" opacity="0.6"/>
        <circle cx="${29 + turn * 6}" cy="166" r="8" fill="#dd8f78" opacity="0.6"/>
        <path d="M${-14 + turn * 6} 172q14 ${10 + greeting * 8} 28 0" stroke="#8c3f3a" stroke-width="5" fill="none" stroke-linecap="round"/>
      </g>
    </g>
    <rect y="300" width="640" height="60" fill="#8a5a3b"/>
    <rect y="300" width="640" height="8" fill="#a9714c"/>
    ${steam.join('')}
    <path d="M478 250h60v34q0 18-18 18h-24q-18 0-18-18z" fill="#fbfaf7"/>
    <path d="M538 258h8a13 13 0 0 1 0 26h-8" stroke="#fbfaf7" stroke-width="8" fill="none"/>
    <ellipse cx="508" cy="250" rx="30" ry="6" fill="#6b4226"/>
  </svg>`
}

/** BT.601, the colours of which are of each second pixel. */
function toI420(rgb) {
  const pixels = width * height
  const planes = new Uint8Array(pixels * 1.5)
  for (let y = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1) {
      const from = (y * width + x) * 3
      const [r, g, b] = [rgb[from], rgb[from + 1], rgb[from + 2]]
      planes[y * width + x] = 16 + 0.257 * r + 0.504 * g + 0.098 * b
      if (x % 2 !== 0 || y % 2 !== 0) continue
      const half = (y / 2) * (width / 2) + x / 2
      planes[pixels + half] = 128 - 0.148 * r - 0.291 * g + 0.439 * b
      planes[pixels * 1.25 + half] = 128 + 0.439 * r - 0.368 * g - 0.071 * b
    }
  }
  return planes
}

const buffer = new BufferTarget()
const output = new Output({ format: new Mp4OutputFormat({ fastStart: 'in-memory' }), target: buffer })
const source = new VideoSampleSource({ codec: 'avc', bitrate: 220_000, keyFrameInterval: 1 })
output.addVideoTrack(source)
output.setMetadataTags({ title: 'A barista waves' })
await output.start()
for (let index = 0; index < seconds * framesPerSecond; index += 1) {
  const timestamp = index / framesPerSecond
  const raw = await sharp(Buffer.from(picture(timestamp)))
    .removeAlpha()
    .raw()
    .toBuffer()
  const shape = { format: 'I420', codedWidth: width, codedHeight: height, timestamp }
  const sample = new VideoSample(toI420(raw), { ...shape, duration: 1 / framesPerSecond })
  await source.add(sample)
  sample.close()
}
await output.finalize()
await writeFile(target, Buffer.from(buffer.buffer))
