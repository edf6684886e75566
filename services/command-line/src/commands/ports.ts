import { parseArgs } from 'node:util';
import { serialPorts, type PortFound } from '../capture/serial-ports.js';
import type { Command } from '../command.js';

export const ports: Command = {
  name: 'ports',
  usage: '[--json]',
  about: 'list the serial adapters that are plugged in, and what is known of each',
  run: (args) => {
    const { values } = parseArgs({ args: [...args], options: { json: { type: 'boolean' } } });
    const found = serialPorts();
    if (values.json) console.log(JSON.stringify(found));
    else if (found.length > 0) console.log(found.map(described).join('\n\n'));
    else console.log('no serial adapter is plugged in (or, in a container, none is passed on)');
    return Promise.resolve(found.length > 0 ? 0 : 1);
  },
};

function described(port: PortFound): string {
  const { path, device, usbId, maker, product, known, gone } = port;
  if (gone) return `${path}\n  now      nothing is plugged in there`;
  const usb = usbId === undefined ? 'no USB adapter' : `USB ${usbId}`;
  const name = [maker, product].filter((text) => text !== undefined).join(' ');
  return [
    path,
    ...(device === path ? [] : [`  now      ${device}`]),
    `  adapter  ${[usb, name].filter((text) => text !== '').join(', ')}`,
    ...(known ? [`  chip     ${known.chip}; usual in ${known.usually}`] : []),
  ].join('\n');
}
