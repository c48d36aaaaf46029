import { createWriteStream } from 'node:fs'
import { rename, rm } from 'node:fs/promises'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { Api } from './api.ts'
import { CliError, exitCodes } from '../output/terminal.ts'

/** The file gets its name only once it is complete. */
export async function download(api: Api, id: string, file: string): Promise<void> {
  const { body } = await api.open(`/generations/${id}/video`)
  if (body === null) throw new CliError(exitCodes.failed, `The video of ${id} is empty.`)
  const draft = `${file}.part`
  try {
    await pipeline(Readable.fromWeb(body), createWriteStream(draft))
    await rename(draft, file)
  } catch (error) {
    await rm(draft, { force: true })
    throw new CliError(exitCodes.failed, `Cannot write ${file}.`, error)
  }
}
