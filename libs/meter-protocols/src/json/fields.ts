import { quantityNames } from '@wattbus/energy-model';
import { namedQuantity, type NamedQuantity } from '../framing/named-quantity.js';

/** Where in an object a quantity stands. */
export interface JsonField extends NamedQuantity {
  readonly path: readonly string[];
}

/** Keys that are quantity names, in their units or in thousands of them. */
const ownNames: readonly JsonField[] = quantityNames
  .flatMap((name) => [name, name.replace(/(Wh|varh|W|Var|VA)$/, (unit) => `k${unit}`)])
  .flatMap((name) => {
    const named = namedQuantity(name);
    return named === null ? [] : [{ ...named, path: [name] }];
  });

/**
 * The fields of a `json` meter: by a table from path (`energy.total`) to quantity, or, without one,
 * the keys that are quantity names themselves. A sentence where a name in the table is none.
 */
export function readJsonFields(
  table: Readonly<Record<string, string>> | undefined,
): readonly JsonField[] | string {
  if (table === undefined) return ownNames;
  const entries = Object.entries(table);
  if (entries.length === 0) return 'the table of fields is empty';
  const fields = entries.map(([path, name]) => ({ path, named: namedQuantity(name) }));
  const unknown = entries.filter((_, index) => fields[index]!.named === null);
  if (unknown.length > 0)
    return `no quantity is called ${unknown.map(([, name]) => name).join(', ')}`;
  return fields.flatMap(({ path, named }) =>
    named === null ? [] : [{ ...named, path: path.split('.') }],
  );
}
