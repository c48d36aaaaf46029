import type { Fault, Path } from '../document/config-problem.ts'
import { formatPath } from '../document/config-problem.ts'

export interface Findings {
  faults: Fault[]
  warnings: Fault[]
}

export function fault(findings: Findings, path: Path, message: string, at: Fault['at'] = 'value'): void {
  findings.faults.push({ path, message, at })
}

export function warn(findings: Findings, path: Path, message: string): void {
  findings.warnings.push({ path, message, at: 'value' })
}

export function checkRepeats(
  values: ReadonlyArray<string | undefined>,
  pathOf: (index: number) => Path,
  message: string,
  findings: Findings,
): void {
  for (const [index, value] of values.entries()) {
    const first = value === undefined ? index : values.indexOf(value)
    if (first < index) fault(findings, pathOf(index), `${message} ${formatPath(pathOf(first).slice(0, -1))}`)
  }
}
