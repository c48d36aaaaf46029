import type { Command } from 'commander'
import type { Terminal } from '../output/terminal.ts'
import type { Run } from '../run.ts'
import { number } from '../values.ts'
import { createKey, listKeys, revokeKey, rotateKey, showOneKey, updateKey } from './keys.ts'
import type { Json, KeyOptions, Unlimited } from './keys.ts'
import { listTenants, setTenantBudget } from './tenants.ts'

const keyArgument = 'name or ID of the key'

/** Commands of who administers. */
export function addAccounts(program: Command, terminal: Terminal, run: Run): void {
  const keys = program.command('keys').description('manage API keys')
  keys
    .command('list')
    .description('list keys with their budgets and last use')
    .option('-a, --all', 'also revoked and expired keys')
    .option('--json', 'print JSON')
    .action((options: Json & { all?: boolean }) => run((api) => listKeys(api, terminal, options)))
  keys
    .command('show')
    .description('show a key, by default your own')
    .argument('[key]', keyArgument)
    .option('--json', 'print JSON')
    .action((key: string | undefined, options: Json) => run((api) => showOneKey(api, terminal, key, options)))
  withSettings(keys.command('create').description('create a key; prints its secret'))
    .argument('<name>', 'name of the key')
    .option('-t, --tenant <name>', 'owner of what the key creates; default: the name of the key')
    .action((name: string, options: KeyOptions) => run((api) => createKey(api, terminal, name, options)))
  withSettings(keys.command('update').description('change permissions and limits of a key'))
    .argument('<key>', keyArgument)
    .action((key: string, options: KeyOptions) => run((api) => updateKey(api, terminal, key, options)))
  keys
    .command('rotate')
    .description('make a new secret; prints it')
    .argument('<key>', keyArgument)
    .option('-g, --grace <seconds>', 'how long the secret before it stays valid; default: a day', number)
    .option('--json', 'print JSON')
    .action((key: string, options: Json & { grace?: number }) =>
      run((api) => rotateKey(api, terminal, key, options)),
    )
  keys
    .command('revoke')
    .description('end a key at once and for good')
    .argument('<key>', keyArgument)
    .action((key: string) => run((api) => revokeKey(api, terminal, key)))
  addTenants(program, terminal, run)
}

function addTenants(program: Command, terminal: Terminal, run: Run): void {
  const tenants = program.command('tenants').description('manage what the keys of a tenant share')
  tenants
    .command('list')
    .description('list tenants with their budgets')
    .option('--json', 'print JSON')
    .action((options: Json) => run((api) => listTenants(api, terminal, options)))
  tenants
    .command('budget')
    .description('set the monthly budget that all keys of a tenant share')
    .argument('<tenant>', 'name of the tenant')
    .argument('<usd>', 'dollars a month, or none', numberOrNone)
    .option('--json', 'print JSON')
    .action((tenant: string, usd: number | Unlimited, options: Json) =>
      run((api) => setTenantBudget(api, terminal, tenant, usd, options)),
    )
}

function withSettings(command: Command): Command {
  return command
    .option('-s, --scopes <list>', 'generate, read, observe, operate, operate_prompts, admin', list)
    .option('--allow <list>', 'kinds of upstreams: official, reverse, self_hosted', list)
    .option('--upstreams <list>', 'upstreams that it may use, or all', listOrAll)
    .option('--models <list>', 'models that it may request, or all', listOrAll)
    .option('-b, --budget <usd>', 'dollars a month, or none', numberOrNone)
    .option('--requests-per-minute <count>', 'or none', numberOrNone)
    .option('--max-in-flight <count>', 'concurrent generations, or none', numberOrNone)
    .option('--expires <time>', 'such as 2027-01-01T00:00:00Z, or none', timeOrNone)
    .option('--json', 'print JSON')
}

function list(text: string): string[] {
  return text.split(',').map((each) => each.trim())
}

function listOrAll(text: string): string[] | Unlimited {
  return text === 'all' ? 'unlimited' : list(text)
}

function numberOrNone(text: string): number | Unlimited {
  return text === 'none' ? 'unlimited' : number(text)
}

function timeOrNone(text: string): string {
  return text === 'none' ? 'unlimited' : text
}
