/** Chinese first; English by a switch that is remembered. */

import { computed, ref, watchEffect, type ComputedRef } from 'vue'

import { recall, remember } from '../base/memory'

export type Language = 'zh' | 'en'

const KEY = 'hrt.language'

export const language = ref<Language>(recall(KEY) === 'en' ? 'en' : 'zh')

watchEffect(() => {
  document.documentElement.lang = language.value === 'zh' ? 'zh-CN' : 'en'
  remember(KEY, language.value)
})

/** The language in which these texts are written, as HTML spells it. */
export const htmlLang = { zh: 'zh-CN', en: 'en' } as const

/** The texts of a page in the chosen language; the compiler sees that none is missing. */
export function useTexts<T>(texts: { zh: T; en: NoInfer<T> }): ComputedRef<T> {
  return computed(() => texts[language.value])
}

export type TimeForm = 'day' | 'minute' | 'second'

const FORMS: Record<TimeForm, Intl.DateTimeFormatOptions> = {
  day: { dateStyle: 'long' },
  minute: { dateStyle: 'long', timeStyle: 'short' },
  second: { dateStyle: 'long', timeStyle: 'medium' },
}

/** An instant by the calendar and clock of Beijing, whatever the device's zone is. */
export function localTime(instant: string, form: TimeForm = 'minute', shown: Language = language.value): string {
  const time = new Date(instant)
  if (Number.isNaN(time.getTime())) return instant
  const locale = shown === 'zh' ? 'zh-CN' : 'en-GB'
  return time.toLocaleString(locale, { timeZone: 'Asia/Shanghai', hourCycle: 'h23', ...FORMS[form] })
}

/** The same, saying whose time it is. */
export function beijingTime(instant: string, shown: Language = language.value): string {
  const text = localTime(instant, 'second', shown)
  if (text === instant) return instant
  return shown === 'zh' ? `北京时间 ${text}` : `${text} (Beijing)`
}
