export interface Part {
  /** From 1. */
  number: number
  /** Inclusive offsets. */
  start: number
  end: number
}

const MiB = 1024 * 1024

/** https://docs.aws.amazon.com/AmazonS3/latest/userguide/qfacts.html */
export const mostParts = 10_000
/** The least that S3 takes is 5 MiB; a larger part needs fewer requests, and is sent again as a whole when it is cut off. */
export const leastPartBytes = 8 * MiB
/** Larger files are sent in parts: a cut connection then costs one part. */
export const mostSingleBytes = 16 * MiB
/** The most that one request copies on the server. */
export const mostCopyBytes = 5 * 1024 * MiB
/** Of a copy on the server, which moves no bytes over the network of the gateway. */
export const copyPartBytes = 1024 * MiB

/** Parts of equal size, whole MiB, that cover `bytes` bytes; the last one may be smaller. */
export function planParts(bytes: number, least: number = leastPartBytes): Part[] {
  const size = Math.max(least, Math.ceil(bytes / mostParts / MiB) * MiB)
  const count = Math.max(1, Math.ceil(bytes / size))
  return Array.from({ length: count }, (_, index) => ({
    number: index + 1,
    start: index * size,
    end: Math.min(bytes, (index + 1) * size) - 1,
  }))
}
