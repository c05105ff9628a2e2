/** What everybody may see, and the way in. */

import { start } from './start'

void start('index', import.meta.glob('../pages/public/*/routes.ts', { eager: true, import: 'section' }), { wide: true, elders: true })
