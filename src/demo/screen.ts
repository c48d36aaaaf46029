import { SingleBar } from 'cli-progress'
import type { Generation } from './client.ts'

export interface Take {
  title: string
  generation: Generation
  file: string | null
}

export function say(text: string): void {
  process.stdout.write(`${text}\n`)
}

export function act(number: number, text: string): void {
  say(`\n${number}. ${text}`)
}

/** A progress bar on a terminal. */
export function progressBar(title: string): { update(progress: number, note: string): void; stop(): void } {
  const bar = new SingleBar({
    format: `   ${title.padEnd(34)} {bar} {percentage}%  {note}`,
    barsize: 24,
    hideCursor: true,
    stream: process.stdout,
  })
  bar.start(100, 0, { note: 'queued' })
  return {
    update: (progress, note) => bar.update(progress, { note }),
    stop: () => bar.stop(),
  }
}

export function showTakes(takes: readonly Take[]): void {
  say('\nAttempts and their costs:\n')
  say(row(['scene', 'upstream', 'ended as', 'why', 'cost']))
  for (const { title, generation } of takes) {
    for (const [index, attempt] of generation.attempts.entries()) {
      const outcome = attempt.fidelity === null ? attempt.state : `${attempt.state} (${attempt.fidelity})`
      say(
        row([
          index === 0 ? title : '',
          attempt.upstream,
          outcome,
          attempt.failure?.code ?? '',
          usd(attempt.cost_usd),
        ]),
      )
    }
  }
}

export function usd(amount: number): string {
  return `$${amount.toFixed(2)}`
}

function row(cells: string[]): string {
  const widths = [34, 14, 22, 14, 7]
  return `   ${cells.map((cell, index) => cell.padEnd(widths[index] ?? 0)).join(' ')}`.trimEnd()
}
