import { readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import t from 'tap'
import { writeBackup } from '../../src/gateway/backup-command.ts'
import { loadConfig } from '../../src/gateway/config/load-config.ts'
import { createContainer } from '../../src/gateway/wiring/container.ts'
import { createLogger } from '../../src/gateway/process/logger.ts'
import { inlineDialects, knownDialects } from '../../src/gateway/upstreams/dialects.ts'
import { configText, keys, official, reverse, startGateway } from './gateway.ts'

const order = (number: number) => ({ prompt: `paper boat ${number}`, duration: 5 })

t.test(
  'a backup under load, restored: nothing is sent before the release, then all ends and nothing twice',
  async (t) => {
    const upstreams = [{ ...reverse, render: { polls: 4 } }, official]
    const keySettings = { other: { scopes: ['operate', 'admin'] } }
    const gateway = await startGateway(t, { upstreams, keys: keySettings })
    const { simulator } = gateway
    const renders = () => upstreams.reduce((sum, { id }) => sum + simulator.control.renders(id).length, 0)
    const finished = await gateway.generate(order(0))
    t.equal(finished.status, 'completed')
    for (let number = 1; number <= 4; number++) await gateway.call('POST', '/generate', order(number))
    await gateway.advance(1500)
    t.equal(renders(), 5, 'four are running')

    const to = join(gateway.directory, 'backup')
    const config = {
      storage: { type: 'sqlite' as const, file: join(gateway.directory, 'understudy.db') },
      media: {
        type: 'file' as const,
        directory: join(gateway.directory, 'media'),
        maxBytes: 1,
        retentionDays: null,
      },
    }
    const creates = Array.from({ length: 20 }, (_, number) =>
      gateway.call('POST', '/generate', order(10 + number)),
    )
    await Promise.race(creates)
    const manifest = await writeBackup(config, { to, media: true, now: gateway.now() })
    await Promise.all(creates)
    t.match(manifest, {
      format: 'understudy-backup',
      version: 1,
      media: [{ copied: true, sha256: /^[0-9a-f]{64}$/ }],
    })
    t.same(JSON.parse(await readFile(join(to, 'manifest.json'), 'utf8')), manifest)
    t.equal((await stat(to)).mode & 0o777, 0o700)
    for (const name of ['understudy.db', 'secrets.json', 'manifest.json'])
      t.equal((await stat(join(to, name))).mode & 0o777, 0o600, name)

    // The original is lost here and sends nothing more.
    await gateway.container[Symbol.asyncDispose]()
    const text = configText(simulator, upstreams, to, { keys: keySettings })
    const loaded = loadConfig({ text, fileName: null, env: {}, knownDialects, inlineDialects })
    if (!loaded.ok) throw new Error(JSON.stringify(loaded.problems))
    let now = gateway.now()
    const options = {
      logger: createLogger('silent', { write: () => undefined }),
      clock: { now: () => now },
      stepped: true,
    }
    let container = await createContainer(loaded.config, loaded.secrets, options)
    t.teardown(() => container[Symbol.asyncDispose]())
    const pass = async (seconds: number): Promise<void> => {
      for (let second = 0; second < seconds; second++) {
        now += 1000
        await container.runUpkeep()
        while ((await container.loop.tick()) > 0);
      }
    }
    const call = async (method: 'GET' | 'POST', url: string, key: string, payload?: object) => {
      const headers = { authorization: `Bearer ${key}` }
      const answer = await container.server.inject({ method, url, headers, ...(payload && { payload }) })
      return { status: answer.statusCode, body: answer.json() }
    }

    await pass(30)
    t.equal(renders(), 5, 'no render before the release')
    t.equal((await call('POST', '/generate', keys.studio, order(99))).status, 202, 'new work is stored')
    await pass(10)
    await container[Symbol.asyncDispose]()
    container = await createContainer(loaded.config, loaded.secrets, options)
    await pass(10)
    t.equal(renders(), 5, 'another start does not let go')
    t.match((await call('GET', '/health/ready', keys.studio)).body, {
      checks: [{}, {}, {}, {}, { name: 'restore', ok: true, detail: /POST \/operations\/release/ }],
    })
    const held = (await call('GET', '/generations?limit=100', keys.studio)).body.data
    const open = held.filter(({ status }: { status: string }) => status === 'queued').length
    t.equal(
      held.filter(({ status }: { status: string }) => status === 'completed').length,
      5,
      'what ran is delivered',
    )

    t.equal((await call('POST', '/operations/release', keys.studio)).status, 403)
    t.match(await call('POST', '/operations/release', keys.other), { status: 200, body: { released: true } })
    t.match(await call('POST', '/operations/release', keys.other), { status: 200, body: { released: false } })
    const audit = (await call('GET', '/audit?limit=100', keys.other)).body.data
    const told = audit.filter(({ action }: { action: string }) => action === 'operations.released')
    t.match(told, [{ key: 'other', address: '127.0.0.1' }], 'told once')
    t.equal(told.length, 1)
    await pass(60)
    const all = (await call('GET', '/generations?limit=100', keys.studio)).body.data
    t.same([...new Set(all.map(({ status }: { status: string }) => status))], ['completed'])
    t.equal(renders(), 5 + open, 'each once')
    t.equal(renders(), all.length)
  },
)
