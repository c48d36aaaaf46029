/** What can be stored as JSON and read back the same. */
export type Json = string | number | boolean | null | Json[] | { [key: string]: Json }
