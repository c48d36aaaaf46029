import { crashExitCode, frameJob, type FrameAnswer, type FrameJob } from './frame-jobs.ts'
import { inspectFile } from '../inspect/inspect.ts'
import { systemCode } from '../machine-fault.ts'

/**
 * The child process that parses and decodes untrusted media. Jobs and results go over IPC, one at a time. Each job
 * loads only the modules that it needs: a job that only parses starts twice as fast without a decoder.
 */
async function work(job: FrameJob): Promise<FrameAnswer> {
  try {
    switch (job.type) {
      case 'inspect':
        return await inspectFile(job.file)
      case 'thumbnail':
        return await (await import('./thumbnail.ts')).writeThumbnail(job.file, job.output)
      case 'cut':
        return await (await import('./cut.ts')).writeCut(job.file, job.output, job)
      case 'strip':
        return await (await import('./strip.ts')).writeStrip(job.file, job.output)
      case 'stills':
        return await (await import('./stills.ts')).writeStills(job.file, job.outputs)
      case 'compare':
        return await (await import('../sheets/compare-strips.ts')).compareStrips(job.strip, job.other)
      case 'sheet':
        return await (await import('../sheets/contact-sheet.ts')).drawSheet(job.sheet, job.output)
    }
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error)
    return { type: 'failed', message, code: systemCode(error) }
  }
}

process.on('message', (message: unknown) => {
  void work(frameJob.parse(message)).then((answer) => process.send?.(answer))
})
process.on('uncaughtException', () => process.exit(crashExitCode))
process.once('disconnect', () => process.exit(0))
