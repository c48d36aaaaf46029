// Takes pictures of every screen for people to look at: empty, full and failed, in both languages and themes, wide and on a phone.
// `npm run console:screenshots -- FOLDER [screen …]`. They are not compared by pixels: fonts differ between machines.
import { join } from 'node:path'
import { argv, exit } from 'node:process'
import type { Page } from 'playwright-core'
import t from 'tap'
import type { Gateway } from '../e2e/gateway.ts'
import { startGateway } from '../e2e/gateway.ts'
import { looks, startBrowser, visit, wear } from './browser.ts'
import { everyKey, everyScope, fillGateway, startLive } from './full-stage.ts'

const [, , folder = 'screenshots', ...only] = argv
t.setTimeout(900_000)
// Runs after the gateways and the browser were closed: idle connections would keep the program for minutes.
t.teardown(() => exit())

interface Shot {
  name: string
  path: string
  /** What to do before the picture. */
  act?: (page: Page) => Promise<void>
}

const plain = [
  'overview',
  'studio',
  'generations',
  'characters',
  'compare',
  'upstreams',
  'money',
  'keys',
  'audit',
  'settings',
]

function one(kind: string, path: string, ids: string[]): Shot[] {
  return ids.map((id, index) => ({ name: `${kind}-${index + 1}`, path: `/${path}/${id}` }))
}

function shotsOf(gateway: { characters: string[]; generations: string[]; comparisons: string[] }): Shot[] {
  return [
    ...plain.map((name) => ({ name, path: name === 'overview' ? '/' : `/${name}` })),
    { name: 'generations-attention', path: '/generations?tab=attention' },
    { name: 'generations-none', path: '/generations?upstream=nowhere' },
    { name: 'characters-new', path: '/characters/new?sample=1' },
    { name: 'compare-new', path: '/compare/new' },
    { name: 'upstream', path: '/upstreams/reseller' },
    {
      name: 'studio-typed',
      path: '/studio',
      act: async (page: Page) => {
        await page.locator('textarea').first().fill('@coffee_girl pours two cups, rain outside')
        await page.waitForTimeout(1500)
      },
    },
    ...one('generation', 'generations', gateway.generations),
    ...one('character', 'characters', gateway.characters.slice(0, 1)),
    ...one('comparison', 'compare', gateway.comparisons.slice(0, 1)),
  ].filter(({ name }) => only.length === 0 || only.some((word) => name.startsWith(word)))
}

async function idsOf(gateway: Gateway, path: string): Promise<string[]> {
  const { body } = await gateway.call('GET', path, undefined, { authorization: `Bearer ${everyKey}` })
  return (body.data ?? []).map(({ id }: { id: string }) => id)
}

async function listed(gateway: Gateway): Promise<Parameters<typeof shotsOf>[0]> {
  return {
    characters: await idsOf(gateway, '/characters'),
    generations: await idsOf(gateway, '/generations?limit=12'),
    comparisons: await idsOf(gateway, '/comparisons'),
  }
}

const browser = await startBrowser(t)

/** Opens each screen once, and takes a picture of it in every look. */
async function take(gateway: Gateway, state: string, shots: Shot[], isFailing = false) {
  const { page, open, context } = await visit(t, browser, gateway.address, { key: everyKey })
  if (isFailing) {
    await open('/settings')
    // Everything but the page itself is away.
    await page.route(
      (url) => !url.pathname.startsWith('/console'),
      (route) => route.abort('connectionrefused'),
    )
  }
  for (const { name, path, act } of shots) {
    try {
      await open(path)
      await page.waitForTimeout(isFailing ? 4500 : 1000)
      await act?.(page)
      for (const { name: look, ...worn } of looks) {
        await wear(page, worn)
        await page.waitForTimeout(200)
        await page.screenshot({
          path: join(folder, look.replaceAll(' ', '-'), `${name}-${state}.png`),
          fullPage: true,
        })
      }
    } catch (error) {
      t.comment(`${name} ${state}: ${String(error)}`)
    }
    await wear(page, {})
  }
  await context.close()
}

const empty = await startGateway(t, { live: true, keys: { other: { scopes: everyScope } } })
const full = await startLive(t)
await fillGateway(full)
const shots = shotsOf(await listed(full))
const screens = shots.filter(({ name, act }) => act === undefined && !/-\d$/.test(name))
await take(full, 'full', shots)
await take(empty, 'empty', screens)
await take(
  empty,
  'failed',
  screens.filter(({ name }) => plain.includes(name)),
  true,
)
t.end()
