/** What pieces of evidence show, in words; apart, as only dossiers need them. */

import type { Out } from '../api/types'
import type { Words } from './words'

export const evidenceKind: Record<Out<'EvidenceKind'>, Words> = {
  application_form: { zh: '申请书', en: 'Application form' },
  consent: { zh: '共有人身份与同意书', en: 'Identity and consent of co-owners' },
  photo_before: { zh: '复垦前照片', en: 'Photo before reclamation' },
  vote_record: { zh: '表决记录', en: 'Record of the vote' },
  public_notice: { zh: '公示材料', en: 'Public notice as posted' },
  photo_after: { zh: '复垦后照片', en: 'Photo after reclamation' },
  acceptance_report: { zh: '验收报告', en: 'Acceptance report' },
  settlement_proof: { zh: '落户证明', en: 'Proof of settlement' },
  other: { zh: '其他材料', en: 'Other' },
}

export const mediaType: Record<Out<'MediaType'>, string> = {
  'application/pdf': 'PDF',
  'image/jpeg': 'JPEG',
  'image/png': 'PNG',
}
