export const en = {
  figures: '{paid} paid of {limit}',
  set_aside: '{amount} set aside',
  near: 'Above 80 %',
  full: 'Used up',
  meter_label: 'Budget of {name}',
  meter_value: '{percent} taken',
} as const
