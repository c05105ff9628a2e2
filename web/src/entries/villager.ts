/** The pages of a household, for phones first. */

import { askEarly } from '../pages/villager/shared/own'
import { start } from './start'

askEarly()
document.documentElement.dataset.reader = 'villager'
void start('villager', import.meta.glob('../pages/villager/*/routes.ts', { eager: true, import: 'section' }), { elders: true })
