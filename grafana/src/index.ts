import type { Dashboard } from '@grafana/grafana-foundation-sdk/dashboard';
import { costBoard } from './cost.js';
import { insightBoard } from './insight.js';
import { nowBoard } from './now.js';

/** Every board by the name of its file in `dashboards`. */
export const boards: Readonly<Record<string, () => Dashboard>> = {
  now: nowBoard,
  insight: insightBoard,
  cost: costBoard,
};
