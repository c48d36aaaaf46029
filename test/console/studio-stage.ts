import type { Browser, Locator, Page } from 'playwright-core'
import type { Test } from 'tap'
import { keys, official, reverse, startGateway } from '../e2e/gateway.ts'
import type { Gateway } from '../e2e/gateway.ts'
import { visit } from './browser.ts'
import type { Look } from './browser.ts'

/**
 * A gateway that works by itself, and two upstreams that render at once: one that knows characters, and one that is shown them. A
 * third one, the dearest, renders for as long as anybody looks.
 */
export async function startStudio(t: Test): Promise<Gateway> {
  const quick = { render: { milliseconds: 400 }, sizes: ['640x360', '360x640'] }
  const poll = { poll: { first_after_seconds: 0.2, every_seconds: 0.2 } }
  const slow = {
    ...reverse,
    ...quick,
    id: 'slow',
    apiKey: 'slow-key-0000001',
    price: { perRequestUsd: 9 },
    render: { milliseconds: 600_000 },
  }
  const gateway = await startGateway(t, {
    live: true,
    patient: true,
    upstreams: [{ ...reverse, ...quick }, { ...official, ...quick }, slow],
    settings: { reseller: poll, official: poll, slow: poll },
  })
  return gateway
}

export async function makeCharacter(gateway: Gateway, name: string, description: string): Promise<void> {
  const video_url = `${gateway.simulator.origin}/clips/${name}.mp4?seconds=2&size=320x240`
  const { status, body } = await gateway.call('POST', '/characters', { name, description, video_url })
  if (status !== 201) throw new Error(JSON.stringify(body))
}

/** The page of a screen, signed in. */
export async function openScreen(
  t: Test,
  browser: Browser,
  gateway: Gateway,
  { path = '/studio', look = {}, key = keys.studio }: { path?: string; look?: Look; key?: string } = {},
): Promise<Page> {
  const window = await visit(t, browser, gateway.address, { key, ...look })
  await window.open(path)
  return window.page
}

/** How many creates the reverse upstream was sent. */
export function creates(gateway: Gateway): number {
  return gateway.simulator.control.requests()['reseller']?.create ?? 0
}

export function names(page: Page): Locator {
  return page.getByRole('listbox', { name: 'Names' }).getByRole('option')
}

export function sceneOf(page: Page): Locator {
  return page.getByRole('textbox', { name: /^Scene/ })
}

export function priced(page: Page): Locator {
  return page.getByRole('button', { name: /^(Generate|Make).*\$/ })
}
