import { describeTableFaults, readTable } from '@wattbus/service-config';
import { isRefused, type Row } from '@wattbus/tariffs';
import { UserFault } from './tariff-files.js';

/** The rows of a CSV file; throws a UserFault with `file:line:column: …` where it is none. */
export function rowsOf(path: string): readonly Row[] {
  const read = readTable(path);
  if (isRefused(read)) throw new UserFault(describeTableFaults(path, read.faults));
  return read.rows;
}
