/** What an account has in place of one key: a public name, and a secret that is never sent. */
export interface KeyPair {
  accessKey: string
  secretKey: string
}
