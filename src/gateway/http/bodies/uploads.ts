import type { MultipartFile } from '@fastify/multipart'
import type { FastifyBaseLogger } from 'fastify'
import { Problem } from '../../domain/problem.ts'
import type { MediaIntake, StoredMedia } from '../../services/media/media-intake.ts'
import { inTurn } from '../edge/upload-turns.ts'
import type { MediaKind } from '../../domain/media-kind.ts'

type Accept = ReadonlyArray<MediaKind>

/** The members that may be data URLs, by pointer, and what their files may be. */
export type DataUrlPlan = ReadonlyMap<string, Accept>

/** The files of one request. What is not kept by the time of `discardUnkept` is discarded, however the request ended. */
export interface Uploads {
  /** At most `mostBytes`, where that is less than any upload may have. */
  store(part: MultipartFile, accept: Accept, pointer: string, mostBytes?: number): Promise<StoredMedia>
  /** Bytes that came in some other way than as a part of a form. What their source throws is thrown. */
  storeBytes(bytes: AsyncIterable<Uint8Array>, accept: Accept, pointer: string): Promise<StoredMedia>
  keep(): void
  discardUnkept(): Promise<void>
}

export function createUploads(intake: MediaIntake, log: FastifyBaseLogger): Uploads {
  let held: StoredMedia[] = []
  return {
    async store({ file }, accept, pointer, mostBytes) {
      let stored: StoredMedia
      try {
        stored = await intake.fromStream(inTurn(file), accept, pointer, mostBytes)
      } catch (error) {
        // The archive sees only that the bytes stopped; the stream knows that the form itself was cut short. What the archive
        // says of bytes it saw stands: it ends the stream of a file that it refuses.
        const isVerdict = error instanceof Problem && error.code !== 'request_timeout'
        if (isVerdict || file.errored === null) throw error
        throw new Problem(
          'malformed_body',
          'The upload ended before its last part was complete. Send it again.',
          { cause: error },
        )
      }
      held.push(stored)
      if (file.truncated) {
        const detail = 'is larger than the upload limit'
        throw new Problem('payload_too_large', `The file ${detail}.`, { faults: [{ pointer, detail }] })
      }
      return stored
    },
    async storeBytes(bytes, accept, pointer) {
      const source = withCause(bytes)
      try {
        const stored = await intake.fromStream(inTurn(source.bytes), accept, pointer)
        held.push(stored)
        return stored
      } catch (error) {
        throw source.cause() ?? error
      }
    },
    keep() {
      held = []
    },
    async discardUnkept() {
      for (const { mediaId } of held) {
        // The response is already decided; the janitor removes a file that remains.
        await intake
          .discard(mediaId)
          .catch((err: unknown) => log.warn({ err, mediaId }, 'failed to discard an upload'))
      }
      held = []
    },
  }
}

/** The archive sees only that the bytes stopped. */
function withCause(bytes: AsyncIterable<Uint8Array>) {
  let cause: unknown
  async function* followed(): AsyncGenerator<Uint8Array> {
    try {
      yield* bytes
    } catch (error) {
      cause = error
      throw error
    }
  }
  return { bytes: followed(), cause: () => cause }
}
