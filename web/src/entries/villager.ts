/** The pages of a household, for phones first. */

import { start } from './start'

document.documentElement.dataset.reader = 'villager'
void start('villager', import.meta.glob('../pages/villager/*/routes.ts', { eager: true, import: 'section' }), { elders: true })
