/** What a map of parcels draws. */

import type { Outline } from '@/market'

export interface MapParcel extends Outline {
  label?: string | undefined
  /** m² as on the wire. */
  area?: string | undefined
  /** `other` is dashed: what another one holds. */
  tone?: 'own' | 'other' | undefined
}
