/** Amounts that people type, and the capitals by which they see what they have typed. */

import { expect, it, test } from 'vitest'

import { capitals, fen, grouped, isAmount, typedAmount } from '../src/money/yuan'

test.each([
  ['0.00', '零元整'],
  ['0.05', '伍分'],
  ['0.50', '伍角整'],
  ['0.55', '伍角伍分'],
  ['1.00', '壹元整'],
  ['1.05', '壹元零伍分'],
  ['1.50', '壹元伍角整'],
  ['10.00', '壹拾元整'],
  ['101.00', '壹佰零壹元整'],
  ['1001.00', '壹仟零壹元整'],
  ['1010.00', '壹仟零壹拾元整'],
  ['10000.00', '壹万元整'],
  ['10001.00', '壹万零壹元整'],
  ['10500.00', '壹万零伍佰元整'],
  ['100500.00', '壹拾万零伍佰元整'],
  ['16409.02', '壹万陆仟肆佰零玖元零贰分'],
  ['107000.53', '壹拾万柒仟元伍角叁分'],
  ['66000000.00', '陆仟陆佰万元整'],
  ['100000000.00', '壹亿元整'],
  ['100000001.00', '壹亿零壹元整'],
  ['100100000.00', '壹亿零壹拾万元整'],
  ['1000010000.00', '壹拾亿零壹万元整'],
  ['9999999999999.99', '玖万玖仟玖佰玖拾玖亿玖仟玖佰玖拾玖万玖仟玖佰玖拾玖元玖角玖分'],
])('%s is %s', (amount, words) => expect(capitals(amount)).toBe(words))

it('gives every amount words of its own', () => {
  const samples = Array.from({ length: 4000 }, (_, i) => `${i * 37}.${String(i % 100).padStart(2, '0')}`)
  expect(new Set(samples.map(capitals)).size).toBe(samples.length)
})

test.each([
  ['66000000', '66000000.00'],
  ['66,000,000.5', '66000000.50'],
  [' ¥1,000 ', '1000.00'],
  ['１２３．４５', '123.45'],
  ['100元', '100.00'],
  ['0.01', '0.01'],
])('“%s” is read as %s', (typed, amount) => expect(typedAmount(typed)).toBe(amount))

test.each(['', '-1', '1.234', '01', '1,00', '1e3', '1..0', '一百', '10000000000000'])('“%s” is no amount', (typed) =>
  expect(typedAmount(typed)).toBeUndefined(),
)

it('groups and counts without rounding', () => {
  expect(grouped('1234567.80')).toBe('1,234,567.80')
  expect(grouped('100.00')).toBe('100.00')
  expect(fen('9999999999999.99')).toBe(999999999999999n)
  expect(isAmount('1.0') || isAmount(1) || isAmount('1.00\n')).toBe(false)
  expect(() => fen('1')).toThrow()
})
