import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import t from 'tap'
import type { Test } from 'tap'
import { printable } from '../../src/cli/output/printable.ts'
import { makeCharacter } from '../e2e/comparison-stage.ts'
import { keys, reverse, startGateway } from '../e2e/gateway.ts'
import type { Gateway } from '../e2e/gateway.ts'
import { startVendorProxy } from '../fixtures/vendor-proxy.ts'
import { evil, steering } from './steering-text.ts'
import { world } from './world.ts'
import type { Result } from './world.ts'

/** Steps the gateway, whose clock is held, until the command has ended. */
async function stepping(gateway: Gateway, command: Promise<Result>): Promise<Result> {
  const over = new AbortController()
  const ended = command.finally(() => over.abort())
  while (!over.signal.aborted) {
    await gateway.advance(1000)
    await pause(20)
  }
  return ended
}

/** A gateway whose vendor refuses every request, in such words, and an operator of it. */
async function refusingStage(t: Test) {
  const vendor = await startVendorProxy(t)
  const gateway = await startGateway(t, {
    upstreams: [reverse],
    keys: { other: { scopes: ['generate', 'read', 'operate', 'operate_prompts'] } },
    settings: { reseller: { base_url: vendor.url } },
  })
  vendor.forwardTo(gateway.simulator.baseUrl('reseller'))
  const error = { code: 'invalid_request', message: `${evil} is not a size` }
  vendor.answerWith(({ method }) =>
    method === 'GET'
      ? null
      : {
          status: 400,
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify({ error, message: error.message }),
        },
  )
  const { home, run } = await world(t, gateway.address)
  const env = { UNDERSTUDY_URL: gateway.address, UNDERSTUDY_API_KEY: keys.other }
  return { gateway, home, run: (args: string[], more = {}) => run(args, { env: { ...env, ...more } }) }
}

t.test('control characters of characters, scenes, keys and what is measured reach no terminal', async (t) => {
  const { gateway, home, run } = await refusingStage(t)
  const as = { authorization: `Bearer ${keys.other}` }
  await makeCharacter(gateway, 'girl', as)
  const described = await gateway.call('PATCH', '/characters/girl', { description: `in ${evil} green` }, as)
  t.equal(described.status, 200, JSON.stringify(described.body))
  const scenes = join(home, 'scenes.yaml')
  const prompts = [`a ${evil} boat`, `a ${evil} tram`]
  const asked = prompts.map((prompt) => ({ prompt, duration: 5, metadata: { shot: evil } }))
  await writeFile(scenes, JSON.stringify({ name: evil, max_cost_usd: 5, scenes: asked }))
  const wrong = join(home, 'wrong.yaml')
  await writeFile(wrong, JSON.stringify({ scenes: [{ prompt: 'a boat', [evil]: evil }] }))

  const reached = new Set<string>()
  const look = async (args: string[], more = {}) => {
    const { out, err } = await stepping(gateway, run(args, more))
    t.notMatch(out + err, steering, printable(args.join(' ')))
    t.not(out + err, '', `${printable(args.join(' '))} says something`)
    // What the gateway passes on of a vendor's message has lost its escape characters already.
    if (/u202e/i.test(out + err)) reached.add(args.slice(0, 2).join(' '))
  }
  for (const args of [
    ['compare', 'girl', `@girl in a ${evil} tram`, '-u', 'reseller', '--yes', '-o', join(home, 'sheet.html')],
    ['compare', 'girl', `@girl ${evil}`, '-u', 'reseller', '--yes', '--json', '-o', join(home, 'two.html')],
    ['characters', 'list'],
    ['characters', 'list', '--json'],
    ['characters', 'list', '--search', evil],
    ['characters', 'show', 'girl'],
    ['characters', 'show', 'girl', '--json'],
    ['characters', 'show', evil],
    ['characters', 'stills', 'girl'],
    ['characters', 'create', evil, '--video', `https://${evil}.example/clip.mp4`],
    ['series', scenes, '--route'],
    ['series', wrong],
    ['series', evil],
    ['series', scenes, '-o', join(home, 'videos')],
    ['series', scenes, '-o', join(home, 'json'), '--json'],
    ['series', 'list'],
    ['series', 'list', '--json'],
    ['series', 'show', evil],
    ['compare', 'girl', '@girl in a tram', '-u', evil, '--yes'],
    ['compare', evil, '@girl in a tram', '-u', 'reseller', '--yes'],
    ['verify', 'reseller', '--spend', '1', '--yes', '-o', join(home, 'verify')],
    ['verify', 'reseller', '--spend', '1', '--yes', '--json', '-o', join(home, 'verify-json')],
    ['verify', evil, '--spend', '1', '--yes'],
  ])
    await look(args)
  const { body } = await gateway.call('GET', '/series', undefined, as)
  await look(['series', 'show', body.data[0].id])
  await look(['series', 'show', body.data[0].id, '--json'])

  const admin = { UNDERSTUDY_API_KEY: gateway.container.adminKey }
  for (const args of [
    ['keys', 'create', evil],
    ['keys', 'create', 'painter', '--tenant', evil],
    ['keys', 'list'],
    ['keys', 'list', '--json'],
    ['keys', 'show', evil],
    ['keys', 'revoke', evil],
    ['tenants', 'list'],
    ['tenants', 'budget', evil, '5'],
  ])
    await look(args, admin)
  for (const command of ['characters show', 'series show', 'series list', 'compare girl', 'verify reseller'])
    t.ok(reached.has(command), `the characters are in what ${command} shows`)
})
