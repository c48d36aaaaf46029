/** All notations of a private host in a URL. */
export const privateAddresses = words(`
  127.0.0.1 127.0.0.1. 127.1 127.0.1 127.255.255.254 0.0.0.0 0
  2130706433 0x7f000001 0x7f.1 0x7F.0x0.0x0.0x1 017700000001 0177.0.0.1 00000177.0.0.1
  %31%32%37.0.0.1 ①②⑦.0.0.1 127。0。0。1 １２７.0.0.1
  [::1] [::] [0:0:0:0:0:0:0:1] [::ffff:127.0.0.1] [::ffff:7f00:1] [::127.0.0.1] [::ffff:0:127.0.0.1]
  [64:ff9b::127.0.0.1] [64:ff9b:1::7f00:1] [2002:7f00:1::] [2001:0:7f00:1::]
  [fe80::1] [febf::1] [fc00::1] [fd00:ec2::254] [fec0::1] [ff02::1] [ff0e::1] [100::1] [2001:db8::1]
  10.0.0.1 172.16.0.1 172.31.255.255 192.168.1.1 100.64.0.1 100.100.100.200 100.127.255.255
  169.254.169.254 169.254.170.2 0xa9fea9fe 2852039166 192.0.0.192 168.63.129.16
  192.0.2.1 198.18.0.1 198.51.100.1 203.0.113.1 224.0.0.1 239.255.255.255 240.0.0.1 255.255.255.255
  localhost localhost. LOCALHOST a.localhost`)

/** Names and the addresses that they resolve to. */
export const book: Record<string, string[][]> = {
  'public.example': [['127.0.0.1']],
  'private.example': [['10.1.2.3']],
  'loopback.example': [['127.0.0.1']],
  'mapped.example': [['::ffff:127.0.0.1']],
  'six.example': [['::1']],
  'metadata.example': [['169.254.169.254']],
  'mixed.example': [['8.8.8.8', '127.0.0.1']],
  'mixed-six.example': [['2606:4700::1', '::1']],
  'nat64.example': [['64:ff9b::7f00:1']],
  'nobody.example': [[]],
}

export const privateNames = words(`
  private.example loopback.example loopback.example. mapped.example six.example metadata.example
  mixed.example mixed-six.example nat64.example`)

/** Ports of other protocols, on which an HTTP request could be interpreted as commands. */
export const foreignPorts = [1, 22, 25, 110, 143, 445, 465, 587, 993, 2049, 5060, 6000, 6379, 6667, 11_211]

function words(text: string): string[] {
  return text.trim().split(/\s+/)
}
