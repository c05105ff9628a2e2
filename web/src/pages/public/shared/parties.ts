/** Who has a part of a price, in words. */

import type { Out } from '@/api'
import type { Words } from '@/i18n/words'

const PARTIES: Record<Out<'Party'>, Words> = {
  county: { zh: '区县', en: 'County' },
  township: { zh: '乡镇', en: 'Township' },
  village_committee: { zh: '村民委员会', en: 'Village committee' },
  collective: { zh: '村集体', en: 'Village collective' },
  villager: { zh: '农户', en: 'Households' },
}

export function partyWords(party: string): Words {
  return PARTIES[party as Out<'Party'>] ?? { zh: party, en: party }
}
