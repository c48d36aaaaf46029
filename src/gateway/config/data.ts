import type { Path } from './document/config-problem.ts'

export function isRecord(value: unknown): value is Record<string | number, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** Undefined where there is no such path. */
export function valueAt(value: unknown, path: Path): unknown {
  return path.reduce<unknown>((inner, part) => {
    if (Array.isArray(inner)) {
      const list: unknown[] = inner
      return list[Number(part)]
    }
    return isRecord(inner) && Object.hasOwn(inner, part) ? inner[part] : undefined
  }, value)
}
