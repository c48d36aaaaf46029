import { createHash } from 'node:crypto'

/** A clip that can be told from others: its colours depend on `seed`, and a bar moves through it. */
export interface ClipOptions {
  /** 0.1 to 120. */
  seconds: number
  /** Even numbers from 16 to 1920, as required by H.264 with 4:2:0 colour. */
  width: number
  height: number
  seed: string
  /** The title in the file's metadata. */
  label?: string
}

/** Enough to see movement; a 10 s clip of 1280x720 still encodes in half a second. */
const framesPerSecond = 8

/** Whether `renderClip` can render it. The message is for a vendor's 400. */
export function clipProblem({ seconds, width, height }: Pick<ClipOptions, 'seconds' | 'width' | 'height'>) {
  if (!(seconds >= 0.1 && seconds <= 120)) return 'The length must be between 0.1 and 120 seconds.'
  const fits = [width, height].every((side) => Number.isInteger(side) && side >= 16 && side <= 1920)
  if (!fits) return 'Width and height must be whole numbers from 16 to 1920.'
  return width % 2 === 0 && height % 2 === 0 ? null : 'Width and height must be even numbers.'
}

/**
 * An H.264 MP4 with its index at the front, of exactly this length and size.
 * @throws RangeError for what `clipProblem` reports
 */
export async function renderClip(options: ClipOptions): Promise<Buffer> {
  const problem = clipProblem(options)
  if (problem !== null) throw new RangeError(problem)
  const { BufferTarget, Mp4OutputFormat, Output, VideoSample, VideoSampleSource } = await loadCodecs()
  const { seconds, width, height, label } = options

  const target = new BufferTarget()
  const output = new Output({ format: new Mp4OutputFormat({ fastStart: 'in-memory' }), target })
  const source = new VideoSampleSource({ codec: 'avc', bitrate: 500_000 })
  output.addVideoTrack(source)
  if (label !== undefined) output.setMetadataTags({ title: label })
  await output.start()

  const paint = createPainter(options)
  const frames = Math.ceil(seconds * framesPerSecond)
  for (let index = 0; index < frames; index += 1) {
    const timestamp = index / framesPerSecond
    const duration = Math.min(1 / framesPerSecond, seconds - timestamp)
    const picture = { format: 'I420', codedWidth: width, codedHeight: height, timestamp, duration } as const
    const sample = new VideoSample(paint(index / frames), picture)
    await source.add(sample)
    sample.close()
  }
  await output.finalize()
  if (target.buffer === null) throw new Error('the encoder left no file')
  return Buffer.from(target.buffer)
}

/** The codecs take 200 ms to load, so they are loaded for the first clip. */
async function loadCodecs() {
  const { EncodedVideoChunk, VideoColorSpace, VideoDecoder, VideoEncoder, VideoFrame } =
    await import('@napi-rs/webcodecs')
  Object.assign(globalThis, { EncodedVideoChunk, VideoColorSpace, VideoDecoder, VideoEncoder, VideoFrame })
  return import('mediabunny')
}

/** Draws I420 pictures: a diagonal gradient in a colour of the seed, with a bright bar at `position` (0 to 1). */
function createPainter({ width, height, seed }: ClipOptions): (position: number) => Uint8Array {
  const [tone = 0, blue = 0, red = 0, slope = 0] = createHash('sha256').update(seed).digest()
  const pixels = width * height
  const field = new Uint8Array(pixels * 1.5)
  for (let y = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1) {
      const across = slope % 2 === 0 ? x / width : 1 - x / width
      field[y * width + x] = 60 + (tone % 60) + 60 * (0.5 * across + (0.5 * y) / height)
    }
  }
  field.fill(48 + (blue % 160), pixels, pixels * 1.25)
  field.fill(48 + (red % 160), pixels * 1.25)

  const bar = Math.max(4, Math.floor(width / 16))
  return (position) => {
    const picture = field.slice()
    const left = Math.floor(position * (width - bar))
    for (let y = 0; y < height; y += 1) picture.fill(235, y * width + left, y * width + left + bar)
    return picture
  }
}
