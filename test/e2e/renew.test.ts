import t from 'tap'
import { startGateway } from './gateway.ts'
import { startHttp } from '../upstreams/loopback.ts'
import { aClip } from '../fixtures/clips.ts'
const clip = await aClip({ seconds: 5, width: 320, height: 240 })
for (const status of [403, 404, 410])
  t.test(
    `a signed address that expires with ${status} is asked for anew, and the paid video delivered`,
    async (t) => {
      let asked = 0
      const server = await startHttp(t, ({ url }, response) => {
        if (url.endsWith('1')) {
          response.writeHead(status, { 'content-type': 'application/xml' })
          response.end('<Error><Code>AccessDenied</Code></Error>')
          return
        }
        response.writeHead(200, { 'content-type': 'video/mp4', 'content-length': clip.length })
        response.end(clip)
      })
      const gateway = await startGateway(t, {
        wrap: {
          directory: (d) => {
            const all = d.all().map((u) => ({
              ...u,
              async poll(op: any) {
                const r = await u.poll(op)
                if (r.type !== 'completed') return r
                asked++
                return { ...r, result: { url: `http://127.0.0.1:${server.port}/v.mp4?sig=${asked}` } }
              },
            }))
            return {
              get: (id) => all.find((u) => u.spec.id === id),
              all: () => all,
              close: () => d.close(),
              holderOf: (id, account) => d.holderOf(id, account),
            }
          },
        },
      })
      const g = await gateway.generate({ prompt: 'x', duration: 5, routing: { upstreams: ['reseller'] } })
      t.equal(g.status, 'completed', JSON.stringify(g.error))
      t.comment(`${asked} polls completed, ${server.seen.length} downloads`)
    },
  )
