/** How large a reader wants it: three text sizes, and the elder view. Remembered on the device. */

import { ref, watchEffect } from 'vue'

import { recall, remember } from '../base/memory'

export type TextStep = '1' | '2' | '3'

const TEXT_KEY = 'hrt.text'
const VIEW_KEY = 'hrt.view'

const kept = recall(TEXT_KEY)

export const textStep = ref<TextStep>(kept === '2' || kept === '3' ? kept : '1')

/** Larger type, larger targets, stronger contrast, no small print (适老化). */
export const elder = ref(recall(VIEW_KEY) === 'elder')

/** Whether the reader was ever asked for the elder view on this device. */
export const elderAsked = recall(VIEW_KEY) !== null

watchEffect(() => {
  const { dataset } = document.documentElement
  dataset.text = textStep.value
  dataset.view = elder.value ? 'elder' : 'plain'
  remember(TEXT_KEY, textStep.value)
})

/** Into the elder view at its middle size, or back to the plain one at its smallest. */
export function setElder(on: boolean): void {
  elder.value = on
  textStep.value = on ? '2' : '1'
  remember(VIEW_KEY, on ? 'elder' : 'plain')
}
