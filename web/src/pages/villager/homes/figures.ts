/** The figures of a purchase, named for the outcome. */

import type { Purchase } from '@/market'
import type { Figure } from './OutcomeCard.vue'
import type { zh } from './forms/texts'

export function purchaseFigures(t: typeof zh, bought: Purchase, gapName = t.gap): Figure[] {
  return [
    { key: 'fromAccount', name: t.fromAccount, amount: bought.fromAccount },
    { key: 'gap', name: gapName, amount: bought.gap },
    { key: 'cash', name: t.cash, amount: bought.cash },
    { key: 'left', name: t.left, amount: bought.left, strong: true },
  ]
}
