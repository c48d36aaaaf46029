import { parse } from 'yaml'
import { z } from 'zod'

const Alert = z.strictObject({
  alert: z.string(),
  expr: z.string(),
  for: z.string(),
  labels: z.strictObject({ severity: z.enum(['critical', 'warning']) }),
  annotations: z.strictObject({ runbook_url: z.string(), summary: z.string() }),
})
const Recording = z.strictObject({ record: z.string(), expr: z.string() })
const Rules = z.strictObject({
  groups: z.array(z.strictObject({ name: z.string(), rules: z.array(z.union([Alert, Recording])) })),
})
const Tests = z.strictObject({
  rule_files: z.array(z.string()),
  evaluation_interval: z.string(),
  group_eval_order: z.array(z.string()),
  tests: z.array(
    z.looseObject({
      name: z.string(),
      input_series: z.array(z.strictObject({ series: z.string(), values: z.string() })),
      promql_expr_test: z.array(z.looseObject({ expr: z.string(), exp_samples: z.array(z.unknown()) })),
      alert_rule_test: z.array(z.looseObject({ alertname: z.string() })).default([]),
    }),
  ),
})

export type Alert = z.infer<typeof Alert>
export type Rules = z.infer<typeof Rules>
export type Tests = z.infer<typeof Tests>

export const rulesOf = (text: string): Rules => Rules.parse(parse(text))
export const testsOf = (text: string): Tests => Tests.parse(parse(text))

export function alertsOf({ groups }: Rules): Alert[] {
  return groups.flatMap(({ rules }) => rules.flatMap((rule) => ('alert' in rule ? [rule] : [])))
}

/** The rules with one alert only, and with the recordings if it needs any. */
export function withAlert({ groups }: Rules, only: Alert): Rules {
  const kept = (rule: Rules['groups'][number]['rules'][number]) =>
    'alert' in rule ? rule.alert === only.alert : only.expr.includes('understudy:')
  return {
    groups: groups.map(({ name, rules }) => ({
      name,
      rules: rules.filter(kept).map((rule) => ('alert' in rule ? only : rule)),
    })),
  }
}

/** The tests of one alert. */
export function testsFor(all: Tests, alert: string): Tests {
  const tests = all.tests.flatMap((test) => {
    const kept = {
      ...test,
      promql_expr_test: test.promql_expr_test.filter(({ expr }) => expr.includes(`alertname="${alert}"`)),
      alert_rule_test: test.alert_rule_test.filter(({ alertname }) => alertname === alert),
    }
    return kept.promql_expr_test.length > 0 ? [kept] : []
  })
  return { ...all, tests }
}

/** Copies of an alert with another threshold, or that wait another time. */
export function alteredCopies(alert: Alert): Alert[] {
  const copies = [...alert.expr.matchAll(/(?<=(?:==|[<>]=?) )[\d.e]+/g)].flatMap(({ 0: number, index }) =>
    other(Number(number)).map((value) => ({
      ...alert,
      expr: `${alert.expr.slice(0, index)}${value}${alert.expr.slice(index + number.length)}`,
    })),
  )
  const [, count = '', unit = ''] = /^(\d+)([mh])$/.exec(alert.for) ?? []
  const minutes = Number(count) * (unit === 'h' ? 60 : 1)
  return [...copies, ...[minutes - 1, minutes + 1].map((wait) => ({ ...alert, for: `${wait}m` }))]
}

function other(value: number): number[] {
  return value === 0 ? [-1e9, 1e9] : [value / 2, value * 2]
}
