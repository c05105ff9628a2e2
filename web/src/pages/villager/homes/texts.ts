/** Texts of the ways to use the account. */

import type { Hindrance, UseKey } from '@/market'

const usesZh: Record<UseKey, { title: string; text: string }> = {
  rent: { title: '租公租房', text: '房租每月从账户里扣。' },
  public: { title: '买下租住的公租房', text: '满五年可以买，钱不够也能买一部分。' },
  affordable: { title: '买经济适用房', text: '先用账户的钱付，不够的再补。' },
  commercial: { title: '买首套商品房', text: '账户先付，可配低息贷款。' },
  mortgage: { title: '还房贷', text: '用账户的钱还唯一住房的贷款。' },
  cash: { title: '提取现金', text: '城里已经有房的，可以提现金。' },
  refund: { title: '退还余额', text: '余额全部退给您，账户随后关闭。' },
  resale: { title: '转卖经济适用房', text: '补齐土地出让金后可以转卖。' },
}

const usesEn: typeof usesZh = {
  rent: { title: 'Rent a public home', text: 'The rent is taken from the account each month.' },
  public: { title: 'Buy the public home you rent', text: 'After five years; also a part of it.' },
  affordable: { title: 'Buy an affordable home', text: 'The account pays first, you pay the rest.' },
  commercial: { title: 'Buy a first commercial home', text: 'The account pays first; a low-interest loan may help.' },
  mortgage: { title: 'Pay off a mortgage', text: 'Of the only home you have.' },
  cash: { title: 'Take the money in cash', text: 'If you have a home in the city already.' },
  refund: { title: 'Have the balance refunded', text: 'You get all of it, and the account is closed.' },
  resale: { title: 'Resell an affordable home', text: 'Once the land fee is paid up.' },
}

const hindrancesZh: Record<Hindrance, string> = {
  'no-account': '票发下来才有账户。',
  'account-closed': '账户已经关闭。',
  'no-affordable-home': '您没有可转卖的经济适用房。',
  'already-renting': '您正在租一套公租房。',
  'not-renting': '您现在没有租公租房。',
  'five-years-not-reached': '还没有满五年。',
  'refund-needs-public-rental': '租过公租房的才能退还。',
}

const hindrancesEn: typeof hindrancesZh = {
  'no-account': 'The account opens with your ticket.',
  'account-closed': 'The account is closed.',
  'no-affordable-home': 'You have no affordable home to resell.',
  'already-renting': 'You rent a public home already.',
  'not-renting': 'You rent no public home.',
  'five-years-not-reached': 'The five years are not over.',
  'refund-needs-public-rental': 'Only after renting a public home.',
}

export const zh = {
  uses: usesZh,
  hindrances: hindrancesZh,
  title: '用这笔钱安家',
  lead: '先看会怎么样，想好了再办。',
  back: '返回首页',
  backHomes: '返回住房',
  balance: '账户里的钱',
  option: '满五年的日子',
  optionText: (day: string) => `${day} 起，可以买下租住的公租房。`,
  open: '现在能办的',
  shut: '现在不能办的',
  see: '算一算',
  moves: '看每一笔进出',
  seeOf: (use: string) => `${use}：算一算`,
  rental: '我租的公租房',
  rentalSee: '看房租安排',
  contracts: '已经签的合同',
  price: '总价',
  fromAccount: '账户支付',
  gap: '还差',
  low: '廉租房并入公租房，请选租公租房。',
  noAccount: '还没有账户。票发下来就开户。',
  contractCaption: '合同清单',
  signed: '签订日期',
  kind: '合同',
}

export const en: typeof zh = {
  uses: usesEn,
  hindrances: hindrancesEn,
  title: 'Use it for a home',
  lead: 'First see what would happen, then decide.',
  back: 'Back',
  backHomes: 'Back to homes',
  balance: 'Money in the account',
  option: 'End of the five years',
  optionText: (day) => `From ${day} you may buy the public home you rent.`,
  open: 'Open to you now',
  shut: 'Not open now',
  see: 'Calculate',
  moves: 'Every movement',
  seeOf: (use) => `${use}: calculate`,
  rental: 'The public home you rent',
  rentalSee: 'See the rent to come',
  contracts: 'Contracts you signed',
  price: 'Price',
  fromAccount: 'From the account',
  gap: 'Still to pay',
  low: 'Low-rent homes are public rental now.',
  noAccount: 'No account yet. It opens with your ticket.',
  contractCaption: 'List of contracts',
  signed: 'Signed on',
  kind: 'Contract',
}

export const contractKinds: Record<string, { zh: string; en: string } | undefined> = {
  affordable_purchase: { zh: '买经济适用房', en: 'Affordable home bought' },
  affordable_resale: { zh: '转卖经济适用房', en: 'Affordable home resold' },
  public_purchase: { zh: '买公租房', en: 'Public home bought' },
  commercial_purchase: { zh: '买商品房', en: 'Commercial home bought' },
  mortgage_offset: { zh: '还房贷', en: 'Mortgage paid' },
}
