/** Amounts: decimal strings with two places on the wire, whole fen as bigint in code, never floats. */

const AMOUNT = /^(?:0|[1-9][0-9]{0,12})\.[0-9]{2}$/
const TYPED = /^(?:0|[1-9][0-9]{0,12})(?:\.[0-9]{1,2})?$/
const DIGITS = '零壹贰叁肆伍陆柒捌玖'
const PLACES = ['', '拾', '佰', '仟']
const UNITS: [bigint, string][] = [
  [100_000_000n, '亿'],
  [10_000n, '万'],
]

export function isAmount(value: unknown): value is string {
  return typeof value === 'string' && AMOUNT.test(value)
}

/** Fen of an amount on the wire. */
export function fen(amount: string): bigint {
  if (!isAmount(amount)) throw new Error('not an amount with two places')
  return BigInt(amount.replace('.', ''))
}

/** The amount on the wire that a person typed (`66,000,000.5`), or undefined. */
export function typedAmount(typed: string): string | undefined {
  const plain = typed.normalize('NFKC').trim().replace(/^¥|元$/g, '').replace(/,(?=\d{3}(?!\d))/g, '')
  if (!TYPED.test(plain)) return undefined
  const [whole = '', places = ''] = plain.split('.')
  return `${whole}.${places.padEnd(2, '0')}`
}

/** `66000000.00` as `66,000,000.00`. */
export function grouped(amount: string): string {
  return amount.replace(/\B(?=(\d{3})+(?=\.))/g, ',')
}

/** The amount in the capitals of cheques and invoices: `壹万零伍佰元整`. */
export function capitals(amount: string): string {
  const value = fen(amount)
  const yuan = value / 100n
  const jiao = Number((value / 10n) % 10n)
  const cents = Number(value % 10n)
  const whole = yuan > 0n ? `${read(yuan)}元` : ''
  if (jiao === 0 && cents === 0) return `${whole || '零元'}整`
  const tenths = jiao > 0 ? `${DIGITS[jiao]}角` : whole ? '零' : ''
  return whole + tenths + (cents > 0 ? `${DIGITS[cents]}分` : '整')
}

function read(value: bigint): string {
  for (const [unit, name] of UNITS) {
    if (value < unit) continue
    const rest = value % unit
    // A gap of zeros between digits is read once.
    const gap = rest > 0n && rest < unit / 10n ? '零' : ''
    return read(value / unit) + name + gap + (rest > 0n ? read(rest) : '')
  }
  return fourDigits(Number(value))
}

function fourDigits(part: number): string {
  let out = ''
  for (let place = 3; place >= 0; place--) {
    const digit = Math.floor(part / 10 ** place) % 10
    if (digit > 0) out += DIGITS[digit]! + PLACES[place]!
    else if (out && part % 10 ** place > 0 && !out.endsWith('零')) out += '零'
  }
  return out
}
