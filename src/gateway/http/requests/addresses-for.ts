import type { Client } from '../../domain/accounts/client.ts'
import type { Generation } from '../../domain/generation/generation.ts'
import type { SignedAddresses } from '../../services/generations/signed-addresses.ts'

/** Null for generations of other tenants: whoever watches their videos is to be seen in the audit log. */
export function addressesFor(
  client: Pick<Client, 'tenant'>,
  generation: Pick<Generation, 'tenant'>,
  addresses: SignedAddresses,
): SignedAddresses | null {
  return client.tenant === generation.tenant ? addresses : null
}
