import { spawnSync } from 'node:child_process'
import { setTimeout as pause } from 'node:timers/promises'
import axe from 'axe-core'
import { chromium } from 'playwright-core'
import type { Browser, BrowserContext, Page } from 'playwright-core'
import type { Test } from 'tap'
import { skipWithout } from '../observe/programs.ts'

declare global {
  interface Window {
    axe: typeof axe
  }
}

/** Why tests in a browser are skipped here; false where there is one. */
export const withoutBrowser = skipWithout('chromium')

/** Starts Chromium, and builds the console if its sources are newer than what is built. */
export async function startBrowser(t: Test): Promise<Browser> {
  const { status, stderr } = spawnSync(process.execPath, ['.tooling/build-console.mjs', '--if-changed'])
  if (status !== 0) throw new Error(stderr.toString())
  const browser = await chromium.launch({
    executablePath: '/usr/bin/chromium',
    // The sandbox of the browser needs rights that root in a container does not have.
    args: ['--no-sandbox', '--autoplay-policy=no-user-gesture-required'],
  })
  t.teardown(() => browser.close())
  return browser
}

export interface Look {
  language?: 'en' | 'zh-Hant'
  theme?: 'light' | 'dark'
  width?: number
  height?: number
  reducedMotion?: 'reduce' | 'no-preference'
  forcedColors?: 'active' | 'none'
}

export interface Visit {
  page: Page
  context: BrowserContext
  /** What must never happen, as it happened: errors of the page, reports of the policy, requests to other origins. */
  problems: string[]
  /** Opens a screen by its path below `/console`. */
  open: (path: string) => Promise<void>
}

/** What the browser itself writes about answers such as 404 and 422, and about a network that a test has cut. */
const failedRequest =
  /Failed to load resource: (?:the server responded with a status of 4\d\d|net::ERR_INTERNET_DISCONNECTED)/

/** A window on the console; signed in if there is a `key`. The test fails if the page has done what it must not. */
export async function visit(
  t: Test,
  browser: Browser,
  address: string,
  { key, ...look }: Look & { key?: string | undefined } = {},
): Promise<Visit> {
  const context = await browser.newContext({
    viewport: { width: look.width ?? 1280, height: look.height ?? 800 },
    locale: look.language === 'zh-Hant' ? 'zh-TW' : 'en-US',
    colorScheme: look.theme ?? 'light',
    reducedMotion: look.reducedMotion ?? 'no-preference',
    forcedColors: look.forcedColors ?? 'none',
  })
  context.setDefaultTimeout(20_000)
  if (key !== undefined) {
    const signIn = () => context.request.post(`${address}/console/session`, { data: { key } })
    let signedIn = await signIn()
    // A busy machine sheds load before a request is processed.
    for (let tries = 0; signedIn.status() === 503 && tries < 20; tries++) {
      await pause(500)
      signedIn = await signIn()
    }
    if (!signedIn.ok()) throw new Error(`signing in: ${signedIn.status()} ${await signedIn.text()}`)
  }
  const problems: string[] = []
  await context.addInitScript({
    content:
      "document.addEventListener('securitypolicyviolation', (report) => console.error('policy:', report.violatedDirective, report.blockedURI))",
  })
  const page = await context.newPage()
  page.on('console', (message) => {
    if (message.type() === 'error' && !failedRequest.test(message.text())) problems.push(message.text())
  })
  page.on('pageerror', (error) => problems.push(error.stack ?? error.message))
  page.on('request', (request) => {
    const url = request.url()
    if (!url.startsWith(address) && !/^(data|blob):/.test(url)) problems.push(`request to ${url}`)
  })
  t.teardown(async () => {
    await context.close()
    // A test that is over takes no more assertions.
    if (problems.length > 0) throw new Error(`the page did what it must not:\n${problems.join('\n')}`)
  })
  return {
    page,
    context,
    problems,
    async open(path) {
      await page.goto(`${address}/console${path}`)
      await page.locator('main h1').first().waitFor()
    },
  }
}

const standards = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']

/** What axe finds on the page, and where. The page has no frames: its policy forbids them. */
async function findings(page: Page): Promise<string[]> {
  if (!(await page.evaluate(() => 'axe' in window))) await page.evaluate(axe.source)
  return page.evaluate(async (values) => {
    // Only what is wrong is described: to describe what is right takes longer than to check it.
    const { violations } = await window.axe.run({ runOnly: values, resultTypes: ['violations'] })
    return violations.map(
      ({ id, nodes }) => `${id}: ${nodes.map(({ target }) => target.join(' ')).join(', ')}`,
    )
  }, standards)
}

/**
 * By how many pixels the page scrolls sideways once each identifier is as wide as one can be. How wide a real one is
 * depends on its letters, in a font whose letters are not of one width: what fits today does not tomorrow.
 */
async function sidewaysByWidestIds(page: Page): Promise<number> {
  return page.evaluate(() => {
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT)
    const widened: Array<{ node: Node; text: string }> = []
    while (walker.nextNode()) {
      const node = walker.currentNode
      const text = node.nodeValue ?? ''
      const wider = text.replaceAll(/\b([a-z]{2,6}_)[0-9a-hjkmnp-tv-z]{26}\b/g, `$1${'w'.repeat(26)}`)
      if (wider === text) continue
      widened.push({ node, text })
      node.nodeValue = wider
    }
    const { scrollWidth, clientWidth } = document.documentElement
    for (const { node, text } of widened) node.nodeValue = text
    return scrollWidth - clientWidth
  })
}

/** axe finds nothing, and nothing scrolls sideways. */
export async function checkScreen(t: Test, page: Page, name: string): Promise<void> {
  t.strictSame(await findings(page), [], `axe finds nothing on ${name}`)
  const wider = await sidewaysByWidestIds(page)
  // Widths in fractions of a pixel are rounded up.
  t.ok(wider <= 1, `${name} does not scroll sideways, by ${wider} px`)
}

/** Every look that a screen has to stand: both languages and themes, wide, on a phone, and narrow. */
export const looks: ReadonlyArray<
  Required<Pick<Look, 'language' | 'theme' | 'width'>> & Look & { name: string }
> = [
  { name: 'en light 1280', language: 'en', theme: 'light', width: 1280 },
  { name: 'en dark 390', language: 'en', theme: 'dark', width: 390, height: 844 },
  { name: 'en light 320', language: 'en', theme: 'light', width: 320, height: 640 },
  { name: 'zh-Hant dark 1280', language: 'zh-Hant', theme: 'dark', width: 1280 },
  { name: 'zh-Hant light 390', language: 'zh-Hant', theme: 'light', width: 390, height: 844 },
]

/** Gives an open page another look. Its language is chosen as another tab of the console would choose it. */
export async function wear(
  page: Page,
  { language = 'en', theme = 'light', width = 1280, height = 800 }: Look,
) {
  await page.emulateMedia({ colorScheme: theme })
  await page.setViewportSize({ width, height })
  await page.evaluate((chosen) => {
    const key = 'understudy.language'
    localStorage.setItem(key, chosen)
    window.dispatchEvent(new StorageEvent('storage', { key, newValue: chosen }))
  }, language)
  await page.locator(`html[lang="${language}"]`).waitFor({ state: 'attached' })
}

/** Checks what is open in every look, and leaves it in the first one. `height` instead of that of each look, in pixels. */
export async function checkEveryLook(
  t: Test,
  page: Page,
  screen: string,
  { height }: { height?: number } = {},
): Promise<void> {
  for (const { name, ...look } of looks) {
    await wear(page, { ...look, ...(height !== undefined && { height }) })
    await checkScreen(t, page, `${screen}, ${name}`)
  }
  await wear(page, looks[0] ?? {})
}
