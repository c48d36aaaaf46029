import type { BrowserContext, Page, Request } from 'playwright-core'
import type { Gateway } from '../e2e/gateway.ts'

/** The streams of all tabs of a browser, as they are open. */
export function watchStreams(context: BrowserContext) {
  const open = new Map<Request, Page>()
  const seen = { most: 0 }
  context.on('request', (request) => {
    if (request.resourceType() !== 'eventsource') return
    open.set(request, request.frame().page())
    seen.most = Math.max(seen.most, open.size)
  })
  context.on('requestfinished', (request) => void open.delete(request))
  context.on('requestfailed', (request) => void open.delete(request))
  const forget = (page: Page) => {
    for (const [request, of] of open) if (of === page) open.delete(request)
  }
  return { seen, forget, leaders: () => [...open.values()] }
}

export const row = (page: Page, text: string) => page.locator('tr[data-id]', { hasText: text })
export const live = (page: Page) => page.getByText('Live', { exact: true }).waitFor()

/** One that renders for as long as anybody looks, unless it is for another upstream. */
export async function generate(gateway: Gateway, prompt: string, upstream = 'slow'): Promise<string> {
  const body = { prompt, duration: 5, size: '640x360', routing: { upstreams: [upstream] } }
  const { status, body: answer } = await gateway.call('POST', '/generate', body)
  if (status !== 202) throw new Error(JSON.stringify(answer))
  return answer.id
}

export async function openTab(context: BrowserContext, address: string): Promise<Page> {
  const page = await context.newPage()
  await page.goto(`${address}/console/generations`)
  await live(page)
  return page
}

/** The one that leads, and one that follows. */
export async function sorted(leaders: () => Page[], tabs: readonly Page[]): Promise<[Page, Page]> {
  const end = Date.now() + 10_000
  for (;;) {
    const [leader, ...others] = leaders()
    const follower = tabs.find((tab) => tab !== leader)
    if (leader !== undefined && follower !== undefined && others.length === 0) return [leader, follower]
    if (Date.now() > end) throw new Error(`${leaders().length} tabs lead`)
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
}
