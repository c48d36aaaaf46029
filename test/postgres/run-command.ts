import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Writable } from 'node:stream'
import type { Test } from 'tap'
import type { runDoctor } from '../../src/gateway/doctor-command.ts'
import { startSimulator } from '../../src/simulator/simulator.ts'
import { configText, reverse } from '../e2e/gateway.ts'

/** Runs a command of the command line on a configuration with this section `storage`, and an upstream that needs no attention. */
export async function prepareCommand(
  t: Test,
  command: typeof runDoctor,
): Promise<(storage: object) => Promise<{ code: number; told: string }>> {
  const simulator = await startSimulator({ upstreams: [reverse] })
  t.teardown(() => simulator.close())
  const folder = t.testdir({})
  const file = join(folder, 'understudy.yaml')
  return async (storage) => {
    await writeFile(file, configText(simulator, [reverse], folder, { storage }))
    let told = ''
    const stream = new Writable({
      write(chunk, _encoding, done) {
        told += String(chunk)
        done()
      },
    })
    const code = await command(['--config', file], { stdout: stream, stderr: stream })
    return { code, told }
  }
}
