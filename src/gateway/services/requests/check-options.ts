import { faultOfOption } from '../../domain/inputs/options.ts'
import type { OptionSpec } from '../../domain/inputs/options.ts'
import type { OptionValue, RequestOptions } from '../../domain/inputs/request-inputs.ts'
import { didYouMean } from '../../domain/near-word.ts'
import { Problem } from '../../domain/problem.ts'
import type { FieldFault } from '../../domain/problem.ts'
import type { UpstreamSpec } from '../../domain/routing/upstream.ts'

/**
 * Throws `validation_failed` for options that nobody would be sent: under a name that is no upstream and no dialect, that
 * none of those has, or with a value that none of them takes.
 */
export function checkOptions(options: RequestOptions | undefined, specs: readonly UpstreamSpec[]): void {
  const faults = Object.entries(options ?? {}).flatMap(([name, members]) => faultsUnder(name, members, specs))
  const [first] = faults
  if (first === undefined) return
  const field = first.pointer.slice(1).replaceAll('/', '.')
  throw new Problem('validation_failed', `${field} ${first.detail}.`, { faults })
}

function faultsUnder(
  name: string,
  members: Readonly<Record<string, OptionValue>>,
  specs: readonly UpstreamSpec[],
): FieldFault[] {
  const meant = specs.filter(({ id, dialect }) => id === name || dialect === name)
  const at = `/options/${token(name)}`
  if (meant.length === 0) {
    const known = specs.flatMap(({ id, dialect }) => [id, dialect])
    return [
      { pointer: at, detail: `is no upstream and no dialect of this gateway${didYouMean(name, known)}` },
    ]
  }
  const declared = meant.map(({ capabilities }) => capabilities?.options ?? {})
  return Object.entries(members).flatMap(([member, value]) => {
    const detail = faultOfMember(member, value, declared)
    return detail === null ? [] : [{ pointer: `${at}/${token(member)}`, detail }]
  })
}

function faultOfMember(
  member: string,
  value: OptionValue,
  declared: ReadonlyArray<Readonly<Record<string, OptionSpec>>>,
): string | null {
  const faults: Array<string | null> = []
  for (const options of declared) {
    const spec = Object.hasOwn(options, member) ? options[member] : undefined
    if (spec !== undefined) faults.push(faultOfOption(spec, value))
  }
  if (faults.length === 0) {
    const known = declared.flatMap((options) => Object.keys(options))
    return `is not a known option${didYouMean(member, known)}`
  }
  return faults.includes(null) ? null : (faults[0] ?? null)
}

function token(key: string): string {
  return key.replaceAll('~', '~0').replaceAll('/', '~1')
}
