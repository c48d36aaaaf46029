/** Values that survive a round trip through JSON unchanged. */
export type Json = string | number | boolean | null | Json[] | { [key: string]: Json }
