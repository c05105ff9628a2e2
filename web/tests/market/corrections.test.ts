/** Corrections of a case: the way that leads to agreement, and who has one to make. */

import fc from 'fast-check'
import { describe, expect, it, test } from 'vitest'

import { afterwards, bookOf, correctable, corrected, cure, isNegative, restatable, toWire } from '../../src/market'

const signed = fc.bigInt({ min: -300n, max: 300n })

test('the likely cure brings an account to what it should hold, by an amount that is never below zero', () => {
  fc.assert(
    fc.property(signed, signed, (wanted, held) => {
      const [expected, stands] = [toWire(wanted), toWire(held)]
      const { direction, amount } = cure({ account: 'due_to:500000:330000', expected, stands })
      expect(isNegative(amount)).toBe(false)
      expect(afterwards(stands, direction, amount)).toBe(expected)
    }),
  )
})

test('a debt that is too high goes out, and a claim, which is negative, comes in', () => {
  expect(cure({ account: 'due_to:500000:330000', expected: '300.00', stands: '370.00' })).toEqual({ direction: 'out', amount: '70.00' })
  expect(cure({ account: 'due_from:330000:500000', expected: '-300.00', stands: '-370.00' })).toEqual({ direction: 'in', amount: '70.00' })
})

test('what was booked since is counted, so that the same cure is not offered twice', () => {
  const one = { account: 'due_to:500000:330000', expected: '300.00', stands: '370.00' }
  const booked = { source: one.account, target: 'housing:500000:h1', amount: '70.00' }
  expect(corrected(one, [booked])).toEqual({ ...one, stands: '300.00' })
  expect(corrected(one, [{ ...booked, source: booked.target, target: one.account }]).stands).toBe('440.00')
  expect(corrected(one, [{ ...booked, source: 'due_to:500000:410000' }])).toEqual(one)
})

test('a debt that may be stated anew is a sale between the two provinces of the account, and not agreed', () => {
  const debt = { transfer: '500000-x1', kind: 'sale', state: 'differs', debtor: '330000', creditor: '500000' }
  const silent = { ...debt, transfer: '500000-x2', state: 'stated' }
  const others = [
    { ...debt, state: 'agreed' },
    { ...debt, kind: 'account' },
    { ...debt, debtor: '410000' },
  ]
  for (const account of ['due_to:330000:500000', 'due_from:500000:330000']) expect(restatable([debt, silent, ...others], account)).toEqual([debt, silent])
  expect(restatable([debt], 'due_to:330000:410000')).toEqual([])
})

describe('a case is for a new entry', () => {
  const account = (code: string) => ({ account: code, expected: '0.00', stands: '1.00' })
  const dues = { kind: 'dues', closed_round: null, accounts: [account('due_from:330000:500000'), account('due_to:500000:330000')] }

  it('of each province whose books it froze', () => {
    expect(correctable([dues], '500000')).toEqual([dues])
    expect(correctable([dues], '330000')).toEqual([dues])
    expect(correctable([dues], '000000')).toEqual([])
  })

  it('until it is closed, and never where tables differ from their own log', () => {
    expect(correctable([{ ...dues, closed_round: 2 }], '500000')).toEqual([])
    expect(correctable([{ ...dues, kind: 'tables' }], '500000')).toEqual([])
  })
})

test('an account names its book', () => {
  expect(bookOf('due_from:330000:500000')).toBe('330000')
})
