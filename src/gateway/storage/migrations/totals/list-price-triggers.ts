/**
 * What keeps the part of `usage_days` that vendors themselves say, beside the price list, in the words of SQLite. Released with the migration that
 * bears its name and never edited: a change is a migration of its own.
 */

const dayMs = 86_400_000

const words = 'tenant, key, upstream, kind, model, characters'

const isCompared = (row: string) =>
  `${row}.counted = 1 and ${row}.cost_state = 'settled' and ${row}.vendor_micros is not null`

/** Of one attempt. Only where both are known, so that the two sums are of the same attempts. */
export const vendorFiguresOf = (row: string): Record<string, string> => {
  const when = (amount: string) => `case when ${isCompared(row)} then ${amount} else 0 end`
  return {
    vendor_attempts: when('1'),
    vendor_micros: when(`${row}.vendor_micros`),
    vendor_computed_micros: when(`coalesce(${row}.list_micros, ${row}.cost_micros)`),
  }
}

function addToSums(before: string | null): string {
  const now = vendorFiguresOf('new')
  const then = before === null ? null : vendorFiguresOf(before)
  const names = Object.keys(now)
  const amounts = names.map((name) => (then === null ? now[name] : `(${now[name]}) - (${then[name]})`))
  const zeros = ['attempts', 'videos', ...moneyColumns]
  const sums = names.map((name) => `${name} = ${name} + excluded.${name}`)
  return `insert into usage_days (day, ${words}, ${zeros.join(', ')}, ${names.join(', ')})
      values (new.started_at / ${dayMs}, new.tenant, new.key, new.upstream, new.kind, new.model, new.characters,
        ${zeros.map(() => '0').join(', ')},
        ${amounts.join(',\n        ')})
      on conflict (day, ${words}) do update set ${sums.join(', ')};`
}

/** Without a default in the table. */
const moneyColumns = [
  'cost_micros',
  'reserved_micros',
  'unknown_micros',
  'unused_micros',
  'premium_micros',
  'official_micros',
]

export const listPriceTriggers = [
  `create trigger attempts_vendor_added after insert on attempts when ${isCompared('new')}
    begin ${addToSums(null)} end`,
  `create trigger attempts_vendor_changed after update of vendor_micros, list_micros, cost_micros, cost_state, counted on attempts
    when (${isCompared('old')}) or (${isCompared('new')})
    begin ${addToSums('old')} end`,
]

/** One number: how many rows of these sums differ from what the attempts come to. */
export const vendorDifferences = (() => {
  const names = Object.keys(vendorFiguresOf('a'))
  const sums = Object.values(vendorFiguresOf('a')).map((amount) => `sum(${amount})`)
  const ledger = `select started_at / ${dayMs} as day, ${words}, ${sums.join(', ')} from attempts a
    where ${isCompared('a')} group by day, ${words}`
  const totals = `select day, ${words}, ${names.join(', ')} from usage_days where vendor_attempts <> 0`
  return `select (select count(*) from (select * from (${ledger}) except select * from (${totals})))
    + (select count(*) from (select * from (${totals}) except select * from (${ledger}))) as n`
})()
