export const en = {
  live: 'Live',
  connecting: 'Connecting',
  paused: 'Live updates paused',
  paused_since: 'Live updates paused. Last answer at {time}.',
  off: 'Live updates off',
  switch_off: 'Switch live updates off (l)',
  switch_on: 'Switch live updates on (l)',
} as const
