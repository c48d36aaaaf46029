export const en = {
  as_table: 'As a table',
  table_name: 'The last 24 hours by the hour',
  hour: 'Hour',
  no_measure: 'Nothing measured',
  at_hour: '{hour}: {value}',
  chart_label: '{title}, the last 24 hours: {total}',
  now: 'now',
} as const
