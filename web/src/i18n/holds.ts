/** Why a household did not agree, and how a hold ended, in words; apart, as only some pages need them. */

import type { Out } from '../api/types'
import type { Words } from './words'

export const holdReason: Record<Out<'HoldReason'>, Words> = {
  not_asked: { zh: '没有问过我', en: 'Nobody asked me' },
  signature_not_mine: { zh: '签名不是我的', en: 'The signature is not mine' },
  misinformed: { zh: '说的和实际不一样', en: 'I was told something else' },
  family_disagrees: { zh: '家里人不同意', en: 'My family does not agree' },
  other: { zh: '其他原因', en: 'Another reason' },
}

export const holdOutcome: Record<Out<'HoldOutcome'>, Words> = {
  taken_back: { zh: '农户收回', en: 'Taken back by the household' },
  confirmed: { zh: '听取后继续办', en: 'Heard: it goes on' },
  withdrawn: { zh: '听取后撤销申请', en: 'Heard: the application is withdrawn' },
  lapsed: { zh: '随申请终止', en: 'Ended with the application' },
}
