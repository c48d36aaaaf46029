export const en = {
  prompt: 'Prompt',
  state: 'State',
  route: 'Route',
  cost: 'Cost',
  created: 'Created',
  prompt_hidden: 'Prompt hidden',
  seconds: '{n} s',
  shot: 'shot {shot}',
  progress: '{n} % rendered',
  select_row: 'Select {prompt}',
} as const
