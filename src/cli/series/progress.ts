import { MultiBar } from 'cli-progress'
import type { SingleBar } from 'cli-progress'
import { printable } from '../output/printable.ts'
import { dollars } from '../output/table.ts'
import { note } from '../output/terminal.ts'
import type { Terminal } from '../output/terminal.ts'
import type { Scene, Series, SeriesSummary } from '../gateway/shapes.ts'
import { hasEnded } from '../gateway/wait.ts'

/** What is displayed while a series is rendered. */
export interface Progress {
  show(series: Series): void
  /** Prints a line permanently. */
  tell(text: string): void
  stop(): void
}

/** Progress bars on a terminal; otherwise one line per change. */
export function createProgress(terminal: Terminal): Progress {
  return terminal.stderr.isTTY === true ? createBars(terminal) : createLines(terminal)
}

function createLines(terminal: Terminal): Progress {
  const changes = createChanges()
  const tell = (text: string): void => note(terminal, text)
  return {
    show: (series) => changes(series).map(lineOf).forEach(tell),
    tell,
    stop: () => undefined,
  }
}

/** One bar per running scene, at most ten, and one in total. A scene that has ended becomes a line above. */
function createBars({ stderr }: Terminal): Progress {
  const bars = new MultiBar({
    format: '{bar} {percentage}%  {name}  {note}',
    barsize: 24,
    hideCursor: true,
    stream: stderr,
    gracefulExit: false,
    linewrap: false,
    emptyOnZero: true,
  })
  const total = bars.create(100, 0, { name: 'total', note: '' })
  const byScene = new Map<number, SingleBar>()
  const changes = createChanges()
  const tell = (text: string): void => bars.log(`${printable(text)}\n`)
  const showScene = (scene: Scene): void => {
    const { number, progress, upstream, status } = scene
    const bar = byScene.get(number)
    if (hasEnded(scene)) {
      if (bar !== undefined) bars.remove(bar)
      byScene.delete(number)
    } else if (status !== 'waiting') {
      const payload = { name: printable(nameOf(scene)), note: printable(upstream ?? status) }
      if (bar === undefined) byScene.set(number, bars.create(100, progress, payload))
      else bar.update(progress, payload)
    }
  }
  return {
    show(series) {
      changes(series).filter(hasEnded).map(lineOf).forEach(tell)
      series.scenes.forEach(showScene)
      total.update(series.progress, { note: moneyOf(series) })
    },
    tell,
    stop() {
      bars.update()
      bars.stop()
    },
  }
}

/** The scenes whose status or upstream has changed since the previous call. */
function createChanges(): (series: Series) => Scene[] {
  const seen = new Map<number, string>()
  return ({ scenes }) =>
    scenes.filter(({ number, status, upstream }) => {
      const now = `${status} ${upstream}`
      const isChange = (seen.get(number) ?? 'waiting null') !== now
      seen.set(number, now)
      return isChange
    })
}

function lineOf(scene: Scene): string {
  const { status, upstream, error, cost_usd: cost } = scene
  const ended = error === null ? dollars(cost) : (error.message ?? error.code)
  const parts = [nameOf(scene), status, upstream ?? '', hasEnded(scene) ? ended : '']
  return parts.filter((part) => part !== '').join('  ')
}

function nameOf({ id, number }: Scene): string {
  const counted = String(number).padStart(3, '0')
  return id === String(number) ? counted : `${counted} ${id}`
}

/** The cost so far, the cost still to come, and the limit. */
export function moneyOf({
  cost_usd: cost,
  reserved_cost_usd: reserved,
  max_cost_usd: most,
}: Pick<SeriesSummary, 'cost_usd' | 'reserved_cost_usd' | 'max_cost_usd'>): string {
  const open = reserved > 0 ? `, ${dollars(reserved)} reserved` : ''
  return `${dollars(cost)}${most === null ? '' : ` of ${dollars(most)}`}${open}`
}
