/** `verify`: certificate and host name are checked. `require`: encrypted, and nothing is checked. */
export const tlsModes = ['verify', 'require', 'disable'] as const
export type TlsMode = (typeof tlsModes)[number]
