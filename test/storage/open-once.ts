import { openDatabase } from '../../src/gateway/storage/engine/database.ts'

const [file = ''] = process.argv.slice(2)
try {
  await using database = await openDatabase({ file })
  process.stdout.write(database.skipLocked ? '' : 'opened')
} catch (error) {
  process.stdout.write(String(error))
}
