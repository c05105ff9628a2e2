/** The words of requests to redeem: kinds, reasons of a refusal, and the terms that were sent. */

import type { Out } from '../api/types'
import type { Words } from './words'

const w = (zh: string, en: string): Words => ({ zh, en })

export const redemptionKind: Record<Out<'RedemptionKind'>, Words> = {
  affordable_purchase: w('买经济适用房', 'Buy an affordable home'),
  affordable_resale: w('转卖经济适用房', 'Resell an affordable home'),
  public_rental: w('租公租房', 'Rent a public home'),
  public_purchase: w('买租住的公租房', 'Buy the rented public home'),
  refund: w('退还余额', 'Have the balance refunded'),
  commercial_purchase: w('买首套商品房', 'Buy a first commercial home'),
  mortgage_offset: w('还房贷', 'Pay off a mortgage'),
  cash_withdrawal: w('提取现金', 'Take the money in cash'),
}

export const refusalReason: Record<Out<'RefusalReason'>, Words> = {
  papers_missing: w('材料不齐', 'Papers are missing'),
  terms_differ: w('申请内容与合同不一致', 'The request differs from the contract'),
  facts_unconfirmed: w('申报情况未能核实', 'What was declared could not be confirmed'),
  payee_unconfirmed: w('收款账户未能核实', 'The account to be paid could not be confirmed'),
  household_unwilling: w('本人表示不愿办理', 'The household says that it does not want this'),
}

/** The fields of the commands that a request can ask for. */
export const termName: Record<string, Words | undefined> = {
  price_cny: w('总价', 'Price'),
  surplus: w('多出来的钱', 'What is left over'),
  gap: w('差额怎么补', 'How the rest is paid'),
  able: w('通过城市生活能力审查', 'Assessment passed'),
  land_fee_cny: w('应补土地出让金', 'Land fee'),
  fee_paid_cny: w('已补交', 'Land fee paid'),
  area_m2: w('房屋面积', 'Area of the home'),
  rent_per_m2_cny: w('每平方米月租金', 'Rent per m² and month'),
  subsidy_per_m2_cny: w('每平方米月补贴', 'Subsidy per m² and month'),
  first_home: w('首套住房', 'First home'),
  only_home: w('唯一住房', 'Only home'),
  loan_cny: w('低息贷款', 'Low-interest loan'),
  open_principal_cny: w('未还贷款本金', 'Open principal'),
  has_city_home: w('城里已有住房', 'Has a home in the city'),
  mortgage_open: w('房贷未还清', 'Mortgage open'),
  declines: w('不用账户还房贷', 'Declines to pay the mortgage'),
  urgent: w('急需用钱', 'Urgent need'),
  rental: w('租约编号', 'Rental'),
  id: w('租约编号', 'Rental'),
}

export const termValue: Record<string, Words | undefined> = {
  true: w('是', 'Yes'),
  false: w('否', 'No'),
  keep: w('留在账户', 'stays in the account'),
  cash: w('取成现金', 'is taken in cash'),
  lump_sum: w('一次付清', 'at once'),
  mortgage: w('贷款', 'by a mortgage'),
  instalments: w('分期付', 'in instalments'),
  rent_rest: w('没买到的部分继续租', 'the part not bought is rented'),
  loan: w('低息贷款', 'a low-interest loan'),
  own_money: w('自己出钱', 'own money'),
}
