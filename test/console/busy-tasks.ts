import type { CDPSession } from 'playwright-core'

interface TraceEvent {
  name: string
  ph: string
  pid: number
  tid: number
  ts: number
  dur?: number
  tdur?: number
  args?: { name?: string }
}

/** Tasks of the page's main thread, in ms. */
export interface Tasks {
  count: number
  /** The longest ones, by the time that the thread itself took of a processor: a busy machine does not make them longer. */
  longest: number[]
  /** What all of them took of a processor. */
  total: number
}

/** Notes every task of the page until `end` is called. */
export async function watchTasks(devtools: CDPSession): Promise<{ end: () => Promise<Tasks> }> {
  const events: TraceEvent[] = []
  const collect = ({ value }: { value: object[] }) => events.push(...value.filter(isTraceEvent))
  devtools.on('Tracing.dataCollected', collect)
  await devtools.send('Tracing.start', {
    transferMode: 'ReportEvents',
    traceConfig: { includedCategories: ['toplevel'], excludedCategories: ['*'] },
  })
  return {
    async end() {
      const complete = new Promise<{ dataLossOccurred: boolean }>((resolve) => {
        devtools.once('Tracing.tracingComplete', resolve)
      })
      await devtools.send('Tracing.end')
      const { dataLossOccurred } = await complete
      devtools.off('Tracing.dataCollected', collect)
      if (dataLossOccurred) throw new Error('the trace is not complete')
      return tasksOf(events)
    },
  }
}

function isTraceEvent(value: object): value is TraceEvent {
  return 'name' in value && 'ph' in value && 'tid' in value
}

function tasksOf(events: readonly TraceEvent[]): Tasks {
  const isMain = new Set(
    events
      .filter(({ name, args }) => name === 'thread_name' && args?.name === 'CrRendererMain')
      .map(({ pid, tid }) => `${pid} ${tid}`),
  )
  const times = events
    .filter(({ name, pid, tid }) => name === 'ThreadControllerImpl::RunTask' && isMain.has(`${pid} ${tid}`))
    // The shortest ones have no time of their own.
    .map(({ tdur, dur }) => (tdur ?? dur ?? 0) / 1000)
  if (!events.some(({ tdur }) => tdur !== undefined)) throw new Error('the trace tells no times of threads')
  return {
    count: times.length,
    longest: times
      .toSorted((one, other) => other - one)
      .slice(0, 5)
      .map(Math.round),
    total: Math.round(times.reduce((sum, time) => sum + time, 0)),
  }
}
