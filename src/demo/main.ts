import { mkdir } from 'node:fs/promises'
import { resolve } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import type { Generation } from './client.ts'
import { act, progressBar, say, showTakes, usd } from './screen.ts'
import type { Take } from './screen.ts'
import { setStage } from './stage.ts'

const folder = resolve('demo-output')
await mkdir(folder, { recursive: true })
await using stage = await setStage()
const { client, simulator } = stage
const { control } = simulator
const takes: Take[] = []

/** Requests a scene, displays its progress, and saves its video. */
async function shoot(title: string, body: object): Promise<Generation> {
  const bar = progressBar(title)
  let generation = await client.generate({ duration: 10, ...body })
  while (generation.status === 'queued' || generation.status === 'in_progress') {
    generation = await client.follow(generation.id)
    bar.update(generation.progress, generation.attempts.map(({ upstream }) => upstream).join(' → '))
  }
  bar.stop()
  const file =
    generation.status === 'completed' ? `${folder}/${title.replaceAll(/[^a-z0-9]+/g, '-')}.mp4` : null
  if (file !== null) await client.download(generation.id, file)
  takes.push({ title, generation, file })
  const ended =
    generation.error === null
      ? usd(generation.cost_usd)
      : `${generation.error.code}, ${usd(generation.cost_usd)}`
  say(`   ${title}: ${generation.status}, ${ended}`)
  for (const { code, detail } of generation.warnings) say(`     warning ${code}: ${detail}`)
  return generation
}

say('Understudy with a simulated reseller ($0.12 per video) and a simulated official API ($0.10 per second).')

act(1, 'Create a character from a three-second clip.')
await client.createCharacter({
  name: 'coffee_girl',
  description: 'a young woman in a green apron, short black hair',
  video_url: `${simulator.origin}/clips/coffee-girl.mp4?seconds=3&size=640x360`,
})
say('   @coffee_girl is registered; her clip is in the archive.')

act(2, 'Render a scene with her. The reseller supports characters natively and is cheaper.')
await shoot('at the counter', { prompt: '@coffee_girl pours a cappuccino, morning light' })

act(3, 'The reseller fails. The official API renders the next scene, with the character by reference.')
control.setFaults('sim-reverse', [{ kind: 'down', times: 1 }])
await shoot('on the beach', { prompt: '@coffee_girl walks on the beach at sunset' })

act(4, 'The reseller accepts a job and then fails it. Another upstream renders the video.')
control.setFaults('sim-reverse', [{ kind: 'fails_late', times: 1 }])
await shoot('in the rain', { prompt: 'A bicycle leans on a wall in the rain' })
control.clearFaults('sim-reverse')

act(5, 'Request ten seconds from an API that offers 4, 8 and 12.')
await shoot('city at night', {
  prompt: 'A city at night from above',
  routing: { upstreams: ['sim-official'] },
})

act(6, 'A refused prompt ends the generation. No other upstream is tried.')
await shoot('a refusal', { prompt: 'Something forbidden happens' })

act(7, 'The reseller stays down: its breaker opens, and closes when the reseller is back.')
control.setFaults('sim-reverse', [{ kind: 'down' }])
for (let scene = 1; (await client.createBreaker('sim-reverse')) !== 'open' && scene <= 6; scene++) {
  await shoot(`while it is down ${scene}`, { prompt: `A lighthouse in a storm, take ${scene}`, duration: 5 })
}
const { excluded } = await client.route({ prompt: 'A quiet lake', duration: 10 })
say(`   excluded from the route: ${excluded.map(({ upstream, code }) => `${upstream} (${code})`).join(', ')}`)
control.clearFaults('sim-reverse')
say('   the reseller is back; waiting for the breaker to allow a trial request …')
while ((await client.createBreaker('sim-reverse')) === 'open') await pause(200)
await shoot('the probe', { prompt: 'A quiet lake at dawn' })
say(`   breaker state: ${await client.createBreaker('sim-reverse')}`)

showTakes(takes)
const spent = takes.reduce((sum, { generation }) => sum + generation.cost_usd, 0)
const { totalUsd } = control.bill()
const agrees = Math.abs(spent - totalUsd) < 0.000_001
say(`\n   gateway ledger ${usd(spent)}, vendor bills ${usd(totalUsd)}: ${agrees ? 'equal' : 'DIFFERENT'}`)

say('\nEstimated cost of 500 such videos per month, 300 of them with the character:\n')
const scene = { prompt: 'A quiet lake', duration: 10 }
const withCharacter = { prompt: '@coffee_girl at a quiet lake', duration: 10 }
const policies: [string, object][] = [
  ['cost first', { priority: 'cost' }],
  ['stability first', { priority: 'stability' }],
  ['official only', { upstreams: ['sim-official'] }],
]
for (const [name, routing] of policies) {
  const plain = (await client.route({ ...scene, routing })).candidates[0]
  const cast = (await client.route({ ...withCharacter, routing })).candidates[0]
  const month = 200 * (plain?.estimated_cost_usd ?? 0) + 300 * (cast?.estimated_cost_usd ?? 0)
  say(
    `   ${name.padEnd(16)} ${usd(month).padStart(8)}   (${plain?.upstream}; with the character ${cast?.upstream})`,
  )
}

say('\nThe videos:\n')
for (const { file } of takes) if (file !== null) say(`   ${file}`)
process.exitCode = agrees ? 0 : 1
