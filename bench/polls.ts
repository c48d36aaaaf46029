/** How often a job is asked about with a pace that was learnt, beside every 5 seconds; docs/BENCHMARKS.md. Takes a second. */
import { compare, createDraw, otherDurations, seenAtAReseller } from './polls/asked.ts'
import { count, createFigureNotes, keepFigures, parseOptions, say } from './program.ts'

const given = parseOptions([], { rounds: count(9) })
const notes = createFigureNotes()
for (const durations of [seenAtAReseller, ...Object.values(otherDurations)]) {
  const draw = createDraw(1)
  for (let round = 0; round < given.rounds; round++) {
    const { polls, late, pollsAtEqualDelay } = compare(durations, draw)
    notes.note(`${durations.name}: polls / every 5 s`, '', 2, polls)
    notes.note(`${durations.name}: delay / every 5 s`, '', 2, late)
    notes.note(`${durations.name}: polls at equal delay`, '', 2, pollsAtEqualDelay)
  }
}
say(notes.shown())
await keepFigures(given.json, { given, rows: notes.rows() })
