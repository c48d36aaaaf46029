import { readFile } from 'node:fs/promises'
import { env } from 'node:process'
import t from 'tap'
import { z } from 'zod'
import {
  buildPythonClient,
  installPythonClient,
  runReadme,
  testPythonClient,
} from '../../openapi/clients/python/package.ts'
import type { PythonPackage } from '../../openapi/clients/python/package.ts'
import { MissingToolError } from '../../openapi/clients/tool.ts'
import { keys, official, reverse, startGateway } from '../e2e/gateway.ts'

const Manifest = z.looseObject({ version: z.string() })
const slowModel = 'sora-slow'
const upstreams = [
  { ...reverse, render: { milliseconds: 300 } },
  { ...official, render: { milliseconds: 300 } },
  { ...official, id: 'slow', models: [slowModel], render: { milliseconds: 3_600_000 } },
]

/** The built package; a reason why this machine cannot build it, which CI does not accept. */
async function built(): Promise<PythonPackage | string> {
  try {
    return await buildPythonClient()
  } catch (error) {
    if (!(error instanceof MissingToolError) || env['CI'] === 'true') throw error
    return error.message
  }
}

t.test(
  'the Python client is built, installed alone, does what its README prints, and passes its tests',
  async (t) => {
    const made = await built()
    if (typeof made === 'string') {
      t.pass(made, { skip: made })
      return
    }
    const manifest = await readFile(new URL('../../package.json', import.meta.url), 'utf8')
    const { version } = Manifest.parse(JSON.parse(manifest))
    t.match(made.wheel, `/understudy_client-${version}-py3-none-any.whl`)
    t.match(made.sdist, `/understudy_client-${version}.tar.gz`)
    const gateway = await startGateway(t, { live: true, patient: true, upstreams })
    const clipUrl = `${gateway.simulator.origin}/clips/mossy.mp4?seconds=3&size=320x240`
    const programs = await installPythonClient(made, '[test]')
    const place = { UNDERSTUDY_URL: gateway.address, UNDERSTUDY_API_KEY: keys.studio }
    const clip = Buffer.from(await (await fetch(clipUrl)).arrayBuffer())
    t.ok((await runReadme(programs, place, clip)) > 0)
    await testPythonClient(programs, {
      ...place,
      UNDERSTUDY_CLIP_URL: clipUrl,
      UNDERSTUDY_SLOW_MODEL: slowModel,
    })
  },
)
