import type { Character, CharacterStills, Generation, Plan, Usage } from '../gateway/shapes.ts'
import { dollars, facts, table } from './table.ts'

/** The result of a generation, for display. */
export function showGeneration(generation: Generation): string {
  const { id, status, attempts, warnings, error, cost_usd: cost } = generation
  const lines = [`${id}  ${status}${error === null ? '' : `: ${error.message ?? error.code}`}`]
  if (attempts.length > 0) {
    const rows = attempts.map((attempt) => [
      attempt.upstream,
      attempt.kind,
      attempt.state,
      `${dollars(attempt.cost_usd)}${attempt.cost_state === 'settled' ? '' : ' reserved'}`,
      attempt.failure === null ? '' : (attempt.failure.message ?? attempt.failure.code),
    ])
    lines.push('', table(['upstream', 'kind', 'state', 'cost', 'reason'], rows))
  }
  if (attempts.length > 1) lines.push(`${dollars(cost)} total`)
  if (warnings.length > 0) lines.push('', ...warnings.map(({ detail }) => `Note: ${detail}`))
  return lines.join('\n')
}

export function showPlan(plan: Plan): string {
  const candidates = plan.candidates.map((one, index) => [
    String(index + 1),
    one.upstream,
    one.kind,
    one.fidelity ?? '–',
    dollars(one.estimated_cost_usd),
    one.reason,
  ])
  const parts = [table(['', 'upstream', 'kind', 'characters', 'cost', 'reason'], candidates)]
  if (plan.excluded.length > 0) {
    const rows = plan.excluded.map(({ upstream, code, detail }) => [upstream, code, detail])
    parts.push(table(['excluded', 'code', 'reason'], rows))
  }
  parts.push(
    `Expected cost ${dollars(plan.estimated_cost_usd)}, worst case ${dollars(plan.worst_case_cost_usd)}, ordered by ${plan.priority}`,
  )
  return parts.join('\n\n')
}

export function showCharacters(characters: readonly Character[]): string {
  if (characters.length === 0) return 'No characters found.'
  const rows = characters.map((one) => [
    `@${one.name}`,
    one.id,
    one.bindings.map(({ upstream }) => upstream).join(', '),
    one.created_at.slice(0, 10),
    one.description.slice(0, 60),
  ])
  return table(['name', 'id', 'bound to', 'created', 'description'], rows)
}

export function showCharacter({
  id,
  name,
  description,
  clip,
  stills,
  bindings,
  created_at: made,
}: Character): string {
  const about = facts([
    ['name', `@${name}`],
    ['id', id],
    ['description', description === '' ? '–' : description],
    ['clip', clip === null ? '–' : `${clip.duration.toFixed(1)} s, ${clip.width}x${clip.height}`],
    ['stills', stills === null ? '–' : `${stills.pictures.length} from ${stills.from}`],
    ['created', made],
  ])
  if (bindings.length === 0) return about
  const rows = bindings.map(({ upstream, state, handle }) => [upstream, state, handle ?? '–'])
  return `${about}\n\n${table(['upstream', 'state', 'prompt name'], rows)}`
}

export function showStills({ from, pictures }: CharacterStills): string {
  const rows = pictures.map(({ url, width, height }) => [url, `${width}x${height}`])
  return `from ${from}\n${table(['picture', 'size'], rows)}`
}

export function showUsage({ from, to, group_by: groups, data, totals }: Usage): string {
  const figures = ['generations', 'videos'] as const
  const money = ['cost_usd', 'reserved_cost_usd', 'official_cost_usd', 'saving_usd'] as const
  const isSaid = totals.vendor_cost_usd !== null
  const said = isSaid ? (['vendor_cost_usd', 'vendor_difference_usd'] as const) : []
  const sums = ['generations', 'videos', 'cost', 'reserved', 'official', 'saved']
  const head = [...groups, ...sums, ...(isSaid ? ['vendor cost', 'difference'] : [])]
  const row = (names: string[], one: Usage['totals']) => [
    ...names,
    ...figures.map((name) => String(one[name])),
    ...money.map((name) => dollars(one[name])),
    ...said.map((name) => dollarsOrNone(one[name])),
  ]
  const rows =
    groups.length === 0
      ? []
      : data.map((one) =>
          row(
            groups.map((group) => groupText(one, group)),
            one,
          ),
        )
  const all = row(
    groups.map((_group, index) => (index === 0 ? 'total' : '')),
    totals,
  )
  return `${from.slice(0, 10)} to ${to.slice(0, 10)}\n\n${table(head, [...rows, all])}`
}

function dollarsOrNone(usd: number | null): string {
  return usd === null ? '–' : dollars(usd)
}

/** Characters that appear together are one group. */
function groupText(row: Record<string, unknown>, group: string): string {
  const value = row[group === 'character' ? 'characters' : group]
  if (!Array.isArray(value)) return typeof value === 'string' ? value : '–'
  const names = value.map((one: unknown) =>
    typeof one === 'object' && one !== null && 'name' in one ? `@${String(one.name)}` : '',
  )
  return names.length === 0 ? '–' : names.join(' ')
}
