import { existsSync, readFileSync, readdirSync, realpathSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { knownAdapters, type KnownAdapter } from './known-adapters.js';

/** A serial port that something is plugged into. */
export interface PortFound {
  /** What to write into the configuration: by-id where there is one, as it outlives renumbering. */
  readonly path: string;
  readonly device: string;
  readonly usbId?: string;
  readonly maker?: string;
  readonly product?: string;
  readonly known?: KnownAdapter;
  /** A name that was left behind: nothing is plugged in there any more. */
  readonly gone?: true;
}

/** `/`, or in tests a folder that looks like it. */
export function serialPorts(root = '/'): readonly PortFound[] {
  const links = linksById(root);
  const named = (name: string): Link | undefined =>
    links.find(({ device }) => device !== null && basename(device) === name);
  const ports = list(join(root, 'sys/class/tty'))
    .filter((name) => /^tty(?:USB|ACM|AMA|S)\d+$/.test(name))
    .map((name) => portNamed(root, name, named(name)?.name))
    .filter((port) => port !== null);
  // A container sees devices that are passed on to it, but not always what the kernel says of them.
  const others = links.filter(({ path }) => ports.every((port) => port.path !== path));
  return [...ports, ...others.map(linkedPort)].sort((left, right) =>
    left.path < right.path ? -1 : 1,
  );
}

interface Link {
  readonly name: string;
  readonly path: string;
  /** Null where nothing is behind it. */
  readonly device: string | null;
}

const byId = '/dev/serial/by-id';

const linksById = (root: string): readonly Link[] =>
  list(join(root, byId)).map((name) => {
    const link = join(root, byId, name);
    const device = existsSync(link) ? realpathSync(link) : null;
    return { name, path: `${byId}/${name}`, device };
  });

const linkedPort = ({ path, device }: Link): PortFound =>
  device === null ? { path, device: path, gone: true } : { path, device };

function portNamed(root: string, name: string, link: string | undefined): PortFound | null {
  const folder = join(root, 'sys/class/tty', name, 'device');
  // Numbers are kept free for ports that the machine does not have.
  if (!existsSync(folder) || (/^ttyS/.test(name) && link === undefined)) return null;
  const usb = usbFolder(realpathSync(folder));
  const device = `/dev/${name}`;
  const path = link === undefined ? device : `${byId}/${link}`;
  if (usb === null) return { path, device };
  const usbId = `${textIn(usb, 'idVendor')}:${textIn(usb, 'idProduct')}`;
  const maker = textIn(usb, 'manufacturer');
  const product = textIn(usb, 'product');
  const known = knownAdapters.find((adapter) => adapter.usbId === usbId);
  return {
    path,
    device,
    usbId,
    ...(maker ? { maker } : {}),
    ...(product ? { product } : {}),
    ...(known ? { known } : {}),
  };
}

/** The interface that the tty belongs to lies at most this deep in its USB device. */
const depthMax = 4;

function usbFolder(from: string): string | null {
  let folder = from;
  for (let depth = 0; depth < depthMax; depth += 1, folder = dirname(folder)) {
    if (existsSync(join(folder, 'idVendor'))) return folder;
  }
  return null;
}

const list = (folder: string): readonly string[] => (existsSync(folder) ? readdirSync(folder) : []);

function textIn(folder: string, name: string): string {
  const file = join(folder, name);
  return existsSync(file) ? readFileSync(file, 'utf8').trim() : '';
}
