import { execFile } from 'node:child_process';
import { constants } from 'node:fs';
import { access, open, readFile, stat, statfs, unlink } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { ANSWER_MS_MAX, codeOf, fault, ok, warn, type Check, type Finding } from './finding.js';

const MIB = 2 ** 20;
const FREE_BYTES_FAULT = 100 * MIB;
const FREE_BYTES_WARN = 1_024 * MIB;
/** No machine on which this runs can be earlier. */
const RELEASED_MS = Date.UTC(2026, 0, 1);

/** Whether the data directory can be written to, durably, and has room. */
export const checkDataDir: Check = async ({ dataDir, ingest }) => {
  const what = 'data directory';
  const wanted = resolve(dataDir);
  const existing = await nearestDirectory(wanted);
  const probe = join(existing, `.wattbus-doctor-${process.pid}`);
  try {
    const handle = await open(probe, 'wx');
    await handle.writeFile('probe');
    await handle.sync();
    await handle.close();
    await unlink(probe);
  } catch (error) {
    const advice =
      codeOf(error) === 'ENOSPC'
        ? 'free some space'
        : `make it writable: sudo chown "$USER" ${existing}`;
    return [fault(what, `${existing} cannot be written to (${codeOf(error)}): ${advice}`)];
  }
  const { bavail, bsize } = await statfs(existing);
  const note = existing === wanted ? wanted : `${wanted} will be made`;
  return [ok(what, note), diskFinding(bavail * bsize, ingest.retentionBytes)];
};

/** `freeBytes` on the file system of the data directory; the journal takes up to `journalBytes`. */
export function diskFinding(freeBytes: number, journalBytes: number): Finding {
  const free = `${Math.floor(freeBytes / MIB)} MiB free`;
  if (freeBytes < FREE_BYTES_FAULT) {
    return fault('disk', `${free}: free some, or set dataDir to another disk`);
  }
  if (freeBytes < Math.max(FREE_BYTES_WARN, journalBytes)) {
    const most = Math.ceil(journalBytes / MIB);
    return warn('disk', `${free}; the journal may take ${most} MiB: lower ingest.retentionBytes`);
  }
  return ok('disk', free);
}

/** Whether the clock can be right, and whether something keeps it so. */
export const checkClock: Check = async () => {
  const { stdout } = await promisify(execFile)(
    'timedatectl',
    ['show', '--property=NTPSynchronized', '--value'],
    { timeout: ANSWER_MS_MAX },
  ).catch(() => ({ stdout: '' }));
  return [clockFinding(Date.now(), stdout.trim())];
};

/** `synchronized`: what timedatectl says, `yes` or `no`; empty where there is none. */
export function clockFinding(nowMs: number, synchronized: string): Finding {
  const now = new Date(nowMs).toISOString().slice(0, 16);
  if (nowMs < RELEASED_MS) {
    return fault('clock', `${now}Z is in the past: set it, or connect the machine to the internet`);
  }
  if (synchronized === 'no') {
    return warn('clock', `${now}Z, not synchronised: sudo timedatectl set-ntp true`);
  }
  const source = synchronized === 'yes' ? 'synchronised' : 'whether it is kept right is unknown';
  return ok('clock', `${now}Z, ${source}`);
}

/** Docker's memory limits need a controller that Raspberry Pi OS leaves off. */
export const checkMemoryLimits: Check = async () => {
  if (process.platform !== 'linux') return [];
  const read = (file: string): Promise<string> => readFile(file, 'utf8').catch(() => '');
  const controllers = await read('/sys/fs/cgroup/cgroup.controllers');
  return [memoryFinding(controllers, await read('/proc/cgroups'))];
};

/** Of cgroup v2 the list of controllers, of v1 the table in which the last column says "enabled". */
export function memoryFinding(controllers: string, table: string): Finding {
  const isOn = /\bmemory\b/.test(controllers) || /^memory\s+\d+\s+\d+\s+1$/m.test(table);
  return isOn
    ? ok('memory limits', 'the kernel keeps them')
    : warn(
        'memory limits',
        'the kernel does not keep those of Docker: append "cgroup_enable=memory cgroup_memory=1" ' +
          'to the line in /boot/firmware/cmdline.txt, then reboot',
      );
}

/** The directory, or the nearest one above it that is there. */
async function nearestDirectory(path: string): Promise<string> {
  const isThere = await stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );
  return isThere || dirname(path) === path ? path : nearestDirectory(dirname(path));
}

/** Null where the file can be read and written, else the reason. */
export async function rightsFault(path: string): Promise<string | null> {
  return access(path, constants.R_OK | constants.W_OK).then(() => null, codeOf);
}
