import { sparkPath } from '../../rules/spark.ts'

const box = { width: 96, height: 24 }

/** A line of a day without axes; `label` says what it shows. Dashes where nothing was measured. */
export function Spark({
  values,
  max,
  label,
}: {
  values: ReadonlyArray<number | null>
  max: number
  label: string
}) {
  return (
    <svg className="spark" viewBox={`0 0 ${box.width} ${box.height}`} role="img" aria-label={label}>
      <path className="spark-base" d={`M0 ${box.height - 0.5}H${box.width}`} />
      <path className="spark-line" d={sparkPath(values, { ...box, max })} />
    </svg>
  )
}
