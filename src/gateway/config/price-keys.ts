import { isResolution } from '../domain/inputs/picture.ts'
import { nearest } from '../domain/near-word.ts'
import { isSize } from './schema/fields.ts'

/** What is wrong with a key of `per_second_usd`; null where it is `default`, a size or a resolution, with `+audio` or not. */
export function faultOfPriceKey(key: string): string | null {
  const picture = pictureOf(key)
  if (picture === 'default' || isResolution(picture) || isSize(picture)) return null
  const hint = nearest(key, ['default']) === undefined ? '' : '; did you mean `default`?'
  return `should be default, a size such as 1792x1024 or a resolution such as 1080p${hint}`
}

/** Whether the price is for a size that the upstream does not support. */
export function isUnsold(key: string, sizes: readonly string[]): boolean {
  const picture = pictureOf(key)
  return isSize(picture) && !sizes.includes(picture)
}

function pictureOf(key: string): string {
  return key.replace(/\+audio$/, '')
}
