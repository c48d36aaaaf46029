/** The series of a page of metrics, by name and labels as written. */
export type Series = Map<string, number>

export function seriesOf(page: string): Series {
  const lines = page.split('\n').filter((line) => line !== '' && !line.startsWith('#'))
  return new Map(
    lines.map((line) => {
      const end = line.lastIndexOf(' ')
      return [line.slice(0, end), Number(line.slice(end + 1))]
    }),
  )
}

/** The series of the gateway itself that are not 0, without those that measure time. */
export function countsOf(series: Series): Record<string, number> {
  const counts = [...series].filter(
    ([name, value]) =>
      value !== 0 &&
      name.startsWith('understudy_') &&
      !/_(bucket|sum)(\{|$)|http_request|age_seconds|bytes/.test(name),
  )
  return Object.fromEntries(counts)
}
