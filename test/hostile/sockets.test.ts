import { setTimeout as pause } from 'node:timers/promises'
import t from 'tap'
import { keys } from '../e2e/gateway.ts'
import { answersOf, open, startRealGateway } from './real-gateway.ts'

const own = `host: x\r\nauthorization: Bearer ${keys.studio}\r\n`

function create(body: string, more = ''): string {
  return `POST /generate HTTP/1.1\r\n${own}content-type: application/json\r\ncontent-length: ${body.length}\r\n${more}\r\n${body}`
}

function statuses(answers: string): number[] {
  return [...answers.matchAll(/HTTP\/1\.1 (\d{3}) /g)].map(([, status]) => Number(status))
}

t.test('a reset at any moment ends no process, whatever was asked before it', async (t) => {
  const gateway = await startRealGateway(t)
  const starts = [
    'CONNECT evil.example:443 HTTP/1.1\r\nhost: x\r\n\r\n',
    'GET / HTTP/1.1\r\nhost: x\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n',
    'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n',
    'GARBAGE\r\n\r\n',
    `POST /generate HTTP/1.1\r\n${own}expect: 100-continue\r\ncontent-type: application/json\r\ncontent-length: 9\r\n\r\n`,
    `POST /generate HTTP/1.1\r\n${own}expect: miracles\r\ncontent-length: 9\r\n\r\n`,
    `GET /docs/static/swagger-ui-bundle.js HTTP/1.1\r\nhost: x\r\n\r\n`,
  ]
  for (let round = 0; round < 10; round++) {
    await Promise.all(
      starts.map(async (start) => {
        const socket = await open(gateway.port)
        socket.write(start)
        if (round % 2 === 1) await pause(round)
        socket.resetAndDestroy()
      }),
    )
  }
  t.equal((await fetch(`${gateway.address}/health/live`)).status, 200)
  t.equal(gateway.child.exitCode, null)
})

t.test('what stands behind a whole request takes nothing from its answer', async (t) => {
  const gateway = await startRealGateway(t)
  const body = '{"prompt":"a paper boat"}'
  const behind: Record<string, string> = {
    'one byte': 'x',
    'a line end and a word': '\r\nword\r\n\r\n',
    'a request that is none': 'GARBAGE\r\n\r\n',
    'a proxy request': 'CONNECT evil.example:443 HTTP/1.1\r\nhost: x\r\n\r\n',
  }
  for (const [what, rest] of Object.entries(behind)) {
    const socket = await open(gateway.port)
    socket.write(create(body) + rest)
    const answers = await answersOf(socket)
    t.strictSame(statuses(answers), [202, 400], what)
    t.match(answers, /"id":"gen_[^]*"code":"malformed_request"/, what)
  }

  const last = await open(gateway.port)
  last.write(`${create(body, 'connection: close\r\n')}x`)
  t.strictSame(statuses(await answersOf(last)), [202], 'a connection that was to end anyway just ends')

  const three = await open(gateway.port)
  three.write(`${create(body)}${create(body)}x`)
  t.strictSame(statuses(await answersOf(three)), [202, 202, 400], 'each of several gets its own')

  const broken = await open(gateway.port)
  const chunks = `POST /generate HTTP/1.1\r\n${own}content-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n`
  broken.write(`${create(body)}${chunks}zz\r\n`)
  t.strictSame(statuses(await answersOf(broken)), [202, 400], 'a broken body is the fault of its own request')

  const page: any = await (
    await fetch(`${gateway.address}/generations`, { headers: { authorization: `Bearer ${keys.studio}` } })
  ).json()
  t.equal(page.data.length, 8, 'every job that was made was answered with its id')
})
