/** The pages of bidders and of everybody who works at the market. */

import { start } from './start'

void start('office', import.meta.glob('../pages/office/*/routes.ts', { eager: true, import: 'section' }), { wide: true })
