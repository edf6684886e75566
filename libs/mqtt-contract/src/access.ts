import { accountRoles, serviceRoles, type AccountRole, type Topic } from './topic.js';
import { topics } from './topics.js';

/** MQTT filters that an account of a role may publish to and subscribe to. */
export interface Rights {
  readonly publish: readonly string[];
  readonly subscribe: readonly string[];
}

/** All that is said of a meter's analysis: one filter of a subscription where there were a dozen. */
export const meterAnalysisFilter = (root: string, meter = '+'): string =>
  `${root}/analysis/${meter}/+`;

/**
 * People may look at everything below the root, whichever filter they choose; an admin may do
 * anything; an analyzer listens to all that is said of its meters. All else is exactly what the
 * rows of the contract say.
 */
const wider: Partial<Record<AccountRole, (root: string) => Rights>> = {
  viewer: (root) => ({ publish: [], subscribe: [`${root}/#`, '$SYS/#'] }),
  operator: (root) => ({ publish: [], subscribe: [`${root}/#`, '$SYS/#'] }),
  analyzer: (root) => ({ publish: [], subscribe: [meterAnalysisFilter(root)] }),
  admin: () => ({ publish: ['#'], subscribe: ['#', '$SYS/#'] }),
  broker: () => ({ publish: ['$SYS/#'], subscribe: [] }),
};

/** The access rules of the whole contract under a root, for the broker. */
export function accessRules(root: string): Readonly<Record<AccountRole, Rights>> {
  const entries = accountRoles.map((role) => {
    const more = wider[role]?.(root) ?? { publish: [], subscribe: [] };
    const rights: Rights = {
      publish: unique([...filtersWhere('publishedBy', root, role), ...more.publish]),
      subscribe: unique([...filtersWhere('subscribedBy', root, role), ...more.subscribe]),
    };
    return [role, rights] as const;
  });
  return Object.fromEntries(entries) as Record<AccountRole, Rights>;
}

/** The rights of the role `device` for an account that speaks for these devices only. */
export function deviceRights(root: string, devices: readonly string[]): Rights {
  const filters = (side: Side): string[] =>
    rowsOf(side, 'device').flatMap((one) => {
      const isOwn = one.paramNames.includes('device');
      return isOwn ? devices.map((device) => one.filter(root, { device })) : [one.filter(root)];
    });
  return { publish: unique(filters('publishedBy')), subscribe: unique(filters('subscribedBy')) };
}

type Side = 'publishedBy' | 'subscribedBy';

const rowsOf = (side: Side, role: AccountRole): Topic[] =>
  (Object.values(topics) as Topic[]).filter(({ row }) => row[side].includes(role));

const filtersWhere = (side: Side, root: string, role: AccountRole): string[] =>
  rowsOf(side, role).map((one) =>
    one.filter(root, side === 'publishedBy' ? ownParams(one, role) : {}),
  );

/** A service may speak only for itself: `service/historian/+`, never `service/+/+`. */
function ownParams({ paramNames }: Topic, role: AccountRole): Record<string, string> {
  const isService = (serviceRoles as readonly string[]).includes(role);
  return isService && paramNames.includes('service') ? { service: role } : {};
}

const unique = (filters: readonly string[]): string[] => [...new Set(filters)].sort();
