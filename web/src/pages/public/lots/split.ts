/** The sharing of a price as lines that begin at the price and end at what households got. Pure. */

import type { Out } from '@/api'
import { groupedSigned, isZero, negated, type PayoutSums } from '@/market'
import { partyWords } from '../shared/parties'

type Explanation = Pick<Out<'ExplanationOut'>, 'amount' | 'lines'>

const HOUSEHOLDS = 'villager'

export function linesOf(sums: PayoutSums): Explanation {
  const line = (zh: string, en: string, formula: string, amount: string, rule: string): Explanation['lines'][number] => ({
    zh,
    en,
    formula,
    amount,
    rule,
    policy: null,
    inputs: {},
    entries: [],
  })
  const costs = [
    line('减去复垦成本', 'Less what reclaiming the land cost', groupedSigned(sums.reclamation), negated(sums.reclamation), 'R133'),
    line('减去融资成本', 'Less what financing it cost', groupedSigned(sums.financing), negated(sums.financing), 'R133'),
  ]
  const others = sums.parties
    .filter(({ party }) => party !== HOUSEHOLDS)
    .map(({ party, amount, weights }) => {
      const { zh, en } = partyWords(party)
      const part = weights ? `${groupedSigned(sums.net)} × ${weights.own} / ${weights.all}` : groupedSigned(amount)
      return line(`减去${zh}所得`, `Less the part of: ${en.toLowerCase()}`, part, negated(amount), 'R134')
    })
  return {
    amount: sums.parties.find(({ party }) => party === HOUSEHOLDS)?.amount ?? '0.00',
    lines: [
      line('成交价', 'The price of the lot', groupedSigned(sums.price), sums.price, 'R133'),
      ...costs.filter(({ amount }) => !isZero(amount)),
      ...others,
    ],
  }
}
