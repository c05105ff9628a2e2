/** The limit that a bidder sets itself over all its lots: kept while the page is open, sent nowhere. */

import { ref } from 'vue'

import type { Wire } from '@/market'

export const limit = ref<Wire>()
