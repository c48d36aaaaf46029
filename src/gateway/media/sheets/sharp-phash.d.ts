/** The package is CommonJS, and its own types describe an ES module: a default import is the function itself. */
declare module 'sharp-phash' {
  /** 64 characters `0` and `1` that change little when the picture does (a discrete cosine transform of 32x32 greys). */
  export default function phash(image: Uint8Array): Promise<string>
}

declare module 'sharp-phash/distance.js' {
  /** How many characters of two hashes differ. */
  export default function distance(a: string, b: string): number
}
