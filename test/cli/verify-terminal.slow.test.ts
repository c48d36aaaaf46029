import { spawn } from 'node:child_process'
import t from 'tap'
import { program, stage } from './verify-stage.ts'

t.test('on a terminal it asks first, and only yes pays', async (t) => {
  const { cwd, gateway, env } = await stage(t)
  const asked = async (answer: string) => {
    const command = `${process.execPath} ${program} verify openrouter --spend 2`
    const child = spawn('script', ['-qec', command, '/dev/null'], {
      cwd,
      env: { ...env, HOME: cwd, PATH: '/usr/bin:/bin' },
    })
    let seen = ''
    let hasAnswered = false
    child.stdout.on('data', (chunk: Buffer) => {
      seen += chunk.toString()
      if (hasAnswered || !seen.includes('[y/N]')) return
      hasAnswered = true
      child.stdin.write(`${answer}\n`)
    })
    const code = await new Promise((resolve, reject) => child.on('close', resolve).on('error', reject))
    return { code, seen }
  }
  const no = await asked('')
  t.equal(no.code, 2, no.seen)
  t.match(no.seen, /Nothing was sent/)
  t.same(gateway.simulator.control.renders(), [])
  const yes = await asked('y')
  t.equal(yes.code, 0, yes.seen)
  t.equal(gateway.simulator.control.renders().length, 1)
})
