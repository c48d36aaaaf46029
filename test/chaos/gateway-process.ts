import { enableCompileCache } from 'node:module'
import * as z from 'zod'
import { deathSchema, lifeSchema } from './plan.ts'

enableCompileCache()
// Imported after the compile cache is enabled, which takes half of the start-up time.
const [{ loadConfig }, { createContainer }, { createStdoutLogger }, { knownDialects }, { createWrappers }] =
  await Promise.all([
    import('../../src/gateway/config/load-config.ts'),
    import('../../src/gateway/wiring/container.ts'),
    import('../../src/gateway/process/logger.ts'),
    import('../../src/gateway/upstreams/dialects.ts'),
    import('./points.ts'),
  ])

const startSchema = z.object({ text: z.string(), life: lifeSchema })
const armSchema = z.object({ arm: deathSchema })
process.once('message', (message) => void live(startSchema.parse(message)))
process.once('disconnect', die)
process.send?.({ type: 'warm' })

function die(): void {
  process.kill(process.pid, 'SIGKILL')
}

/** Kills the process a moment later, wherever it is then: in a transaction, a request, a file. */
function beKilled(): void {
  process.send?.({ type: 'kill' })
}

async function live({ text, life }: z.output<typeof startSchema>): Promise<void> {
  const loaded = loadConfig({ text, fileName: null, env: {}, knownDialects })
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.problems))
  const { clock, diskFull } = life
  let { death } = life
  const born = Date.now()
  let passed = 0
  const pass = (point: string): void => {
    if (point !== death?.point) return
    passed += 1
    if (passed !== death.count) return
    if (death.delayMs > 0) setTimeout(die, death.delayMs)
    else if (point.endsWith(':during')) beKilled()
    else die()
  }
  process.on('message', (message) => {
    passed = 0
    death = armSchema.parse(message).arm
  })
  const isFull = (): boolean => {
    const age = Date.now() - born
    return diskFull !== null && age >= diskFull.fromMs && age < diskFull.fromMs + diskFull.forMs
  }
  const now = (): number => {
    const right = Date.now()
    return clock !== null && right - born >= clock.fromMs ? right + clock.byMs : right
  }
  const container = await createContainer(loaded.config, loaded.secrets, {
    logger: createStdoutLogger('error'),
    clock: { now },
    wrap: createWrappers(pass, isFull),
  })
  process.once('SIGTERM', () => {
    void container[Symbol.asyncDispose]().then(() => process.exit(0))
  })
  process.send?.({ type: 'listens', address: await container.listen() })
}
