import { compareStrips } from './compare-strips.ts'
import { drawSheet } from './contact-sheet.ts'
import { writeCut } from './cut.ts'
import { crashExitCode, frameJob, type FrameAnswer, type FrameJob } from './frame-jobs.ts'
import { inspectFile } from './inspect.ts'
import { systemCode } from './machine-trouble.ts'
import { writePoster } from './poster.ts'
import { writeStrip } from './strip.ts'

/** The child process in which hostile media are parsed and decoded: jobs come and answers go over IPC, one at a time. */
async function work(job: FrameJob): Promise<FrameAnswer> {
  try {
    switch (job.type) {
      case 'inspect':
        return await inspectFile(job.file)
      case 'poster':
        return await writePoster(job.file, job.output)
      case 'cut':
        return await writeCut(job.file, job.output, job)
      case 'strip':
        return await writeStrip(job.file, job.output)
      case 'compare':
        return await compareStrips(job.strip, job.other)
      case 'sheet':
        return await drawSheet(job.sheet, job.output)
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
