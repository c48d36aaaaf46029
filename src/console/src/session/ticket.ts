/** In the fragment, which no server and no log sees. */
const pattern = /^#ticket=([\w-]+)$/

/** The ticket in the address of a first start. The address loses it at once, so that it is in no history and no bookmark. */
export function takeTicket(): string | null {
  const ticket = pattern.exec(location.hash)?.[1] ?? null
  if (ticket !== null) history.replaceState(history.state, '', location.pathname + location.search)
  return ticket
}
