/**
 * How far the version must have been stepped from the released document's (Semantic Versioning 2.0.0): a change that breaks
 * callers needs a new major version, any other change a new minor one. None, and the version may stay. Before 1.0.0 a new minor
 * version may break callers. Null: far enough; else what to do.
 */
export function neededStep(
  released: string,
  next: string,
  { breaks, differs }: { breaks: boolean; differs: boolean },
): string | null {
  const [from, to] = [partsOf(released), partsOf(next)]
  if (from === null || to === null) return `${released} or ${next} is no version such as 1.4.0.`
  const order = to.findIndex((part, index) => part !== from[index])
  const isLower = order >= 0 && (to[order] ?? 0) < (from[order] ?? 0)
  if (isLower) return `${next} is below ${released}, which is released.`
  const needs = breaks && from[0] > 0 ? 0 : breaks || differs ? 1 : 3
  if (order >= 0 && order <= needs) return null
  if (needs === 3) return null
  const least = needs === 0 ? `${from[0] + 1}.0.0` : `${from[0]}.${from[1] + 1}.0`
  const why = breaks ? 'A change breaks callers' : 'The document differs'
  return `${why}: the version after ${released} is ${least} at least, and not ${next}. Run npm version ${least}.`
}

function partsOf(version: string): [number, number, number] | null {
  const found = /^(\d+)\.(\d+)\.(\d+)$/.exec(version)
  return found === null ? null : [Number(found[1]), Number(found[2]), Number(found[3])]
}
