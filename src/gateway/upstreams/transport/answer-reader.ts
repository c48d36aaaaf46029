import type { Duplex } from 'node:stream'
import { decoderFor, headBytes } from './bodies/decode-body.ts'
import { createKeptText } from './bodies/kept-text.ts'

/** The maximum size of a response after decompression, including a video in base64. Far less of it is kept. */
const maxDecodedBytes = 512 * 1024 * 1024

export interface AnswerReader {
  /** Returns false when no more should be written until `onDrain`. */
  write(chunk: Uint8Array): boolean
  /** The text that was kept; empty if the bytes cannot be decoded. */
  end(): Promise<string>
  close(): void
}

/** Decodes a body as it arrives and keeps at most `maxKeptBytes` of it. `onFull`: no later byte would be kept. */
export function createAnswerReader(
  encoding: string | undefined,
  { maxKeptBytes, onFull, onDrain }: { maxKeptBytes: number; onFull: () => void; onDrain: () => void },
): AnswerReader {
  const kept = createKeptText(maxKeptBytes)
  let head: Uint8Array = new Uint8Array()
  let decoded = 0
  let isBroken = false
  let isOver = false
  let decoder: Duplex | null = null

  function open(): Duplex {
    const stream = decoderFor(encoding, head)
    stream.on('data', (chunk: Uint8Array) => {
      decoded += chunk.length
      if (!kept.push(chunk) || decoded > maxDecodedBytes) onFull()
    })
    stream.on('drain', onDrain)
    stream.on('error', () => {
      isBroken = true
      onDrain()
    })
    return stream
  }

  return {
    write(chunk) {
      if (isBroken || isOver) return true
      if (decoder !== null) return decoder.write(chunk)
      head = Buffer.concat([head, chunk])
      if (head.length < headBytes) return true
      decoder = open()
      return decoder.write(head)
    },
    end() {
      isOver = true
      if (decoder === null) {
        decoder = open()
        decoder.write(head)
      }
      const stream = decoder
      return new Promise((resolve) => {
        stream.once('close', () => resolve(isBroken ? '' : kept.text()))
        if (stream.destroyed) resolve(isBroken ? '' : kept.text())
        else stream.end()
      })
    },
    close: () => decoder?.destroy(),
  }
}
