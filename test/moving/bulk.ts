import { DatabaseSync } from 'node:sqlite'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** The ULID of a copy: the first characters are those of the original, so that lists keep their order. */
const numbered = (id: string, number: number): string => {
  const digits = String(number).padStart(10, '0')
  return id.slice(0, -10) + digits
}

/**
 * Adds copies of a finished generation with its attempt and two of its events to an installation that is stopped, and so many media files,
 * which they share. Triggers count them.
 */
export function addFinished(
  folder: string,
  { generation, attempt, video }: { generation: string; attempt: string; video: string },
  { count, files }: { count: number; files: number },
): void {
  using database = new DatabaseSync(join(folder, 'understudy.db'))
  const columnsOf = (table: string) =>
    database
      .prepare(`pragma table_info("${table}")`)
      .all()
      .map(({ name }) => String(name))
  const copies = ['generations', 'attempts', 'events'].map((table) => {
    const columns = columnsOf(table)
    // Events differ in nothing that a move sees, and are most of the rows.
    const most = table === 'events' ? 2 : -1
    const own = table === 'events' ? 'generation_id' : table === 'attempts' ? 'generation' : 'id'
    const replaced = columns.map((column) =>
      ['doc', 'data', 'id', 'generation_id', 'generation'].includes(column)
        ? `replace(replace(replace("${column}", :generation, :newGeneration), :attempt, :newAttempt), :video, :newVideo)`
        : `"${column}"`,
    )
    const names = columns.map((column) => `"${column}"`).join(', ')
    return database.prepare(
      `insert into ${table} (${names}) select ${replaced.join(', ')} from ${table} where ${own} = :generation limit ${most}`,
    )
  })
  database.exec('begin')
  for (let number = 1; number <= count; number++) {
    const newVideo = numbered(video, number % files)
    const values = {
      generation,
      attempt,
      video,
      newGeneration: numbered(generation, number),
      newAttempt: numbered(attempt, number),
      newVideo,
    }
    for (const copy of copies) copy.run(values)
  }
  database.exec('commit')
  for (let number = 0; number < files; number++) {
    const name = numbered(video, number)
    const part = join(folder, 'media', name.slice(-2))
    mkdirSync(part, { recursive: true })
    writeFileSync(join(part, name), `the bytes of video ${number}`)
  }
}
