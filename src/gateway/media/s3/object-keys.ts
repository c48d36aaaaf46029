import type { MediaId } from '../../domain/ids.ts'
import { isMediaId, placeOf } from '../archive/archive-files.ts'
import { partPattern, picturePattern } from '../archive/archive-listing.ts'

/** The keys of an archive in a bucket: the paths of an archive folder, below a prefix. */
export interface ObjectKeys {
  media(id: MediaId): string
  /** Of a picture that is made of the file; `suffix` begins with a point. */
  picture(id: MediaId, suffix: string): string
  /** Of the small test write. */
  writeTest: string
  /** What all keys begin with. */
  root: string
  /** What the keys of a part of the archive begin with. */
  part(name: string): string
  /** The part that a prefix of keys stands for; null if it is none of the archive's. */
  partOf(prefix: string): string | null
  /** Whose file or picture this is; null for a key that the archive does not use. */
  mediaOf(key: string): MediaId | null
}

/** `prefix` has no slash at its ends; empty for the whole bucket. */
export function objectKeys(prefix: string): ObjectKeys {
  const root = prefix === '' ? '' : `${prefix}/`
  const below = (key: string): string | null => (key.startsWith(root) ? key.slice(root.length) : null)
  return {
    media: (id) => root + placeOf(id),
    picture: (id, suffix) => root + placeOf(id) + suffix,
    writeTest: `${root}write-test`,
    root,
    part: (name) => `${root}${name}/`,
    partOf(commonPrefix) {
      const name = below(commonPrefix)?.replace(/\/$/, '') ?? ''
      return partPattern.test(name) ? name : null
    },
    mediaOf(key) {
      const name = below(key)?.replace(picturePattern, '').slice(3)
      return isMediaId(name) && below(key)?.startsWith(placeOf(name)) === true ? name : null
    },
  }
}
