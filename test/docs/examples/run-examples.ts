import { tryExamples } from './try-examples.ts'

/**
 * `npm run docs:examples`: runs every program of docs/EXAMPLES.md and docs/WEBHOOKS.md against a gateway with simulated
 * upstreams. Ends with 1 when one does not do what its page says. Languages that the machine lacks are named.
 */
await tryExamples(({ example, fault, skipped }) => {
  const how = skipped ? 'skipped: its language is not installed' : (fault ?? 'ran')
  process.stdout.write(`${example.page} ${example.file}: ${how}\n`)
  if (fault !== null) process.exitCode = 1
})
