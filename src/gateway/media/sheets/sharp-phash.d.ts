/** The package is CommonJS, and its own types describe an ES module: a default import is the function itself. */
declare module 'sharp-phash' {
  /** 64 characters, `0` or `1`, that are similar for similar pictures (a discrete cosine transform of 32x32 greys). */
  export default function phash(image: Uint8Array): Promise<string>
}

declare module 'sharp-phash/distance.js' {
  /** The number of characters in which two hashes differ. */
  export default function distance(a: string, b: string): number
}
