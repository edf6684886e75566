import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

/**
 * Says which rate the near end of a pty has set: Linux keeps one for both ends. Node cannot ask a
 * terminal, Perl is part of every Debian. It looks at each of them every two milliseconds.
 */
const program = String.raw`
use strict; use POSIX; use IO::Select; use Fcntl; $| = 1;
my %rates = (0000001 => 50, 0000007 => 300, 0000010 => 600, 0000011 => 1200, 0000012 => 1800,
  0000013 => 2400, 0000014 => 4800, 0000015 => 9600, 0000016 => 19200, 0000017 => 38400,
  0010001 => 57600, 0010002 => 115200, 0010003 => 230400);
my (%open, %said, $held); my $termios = POSIX::Termios->new; my $in = IO::Select->new(\*STDIN);
while (1) {
  if ($in->can_read(0.002)) {
    sysread(STDIN, $held, 4096, length($held // '')) or exit;
    while ($held =~ s/^(\w+) (\S+)\n//) {
      if ($1 eq 'close') { delete $open{$2}; delete $said{$2}; next }
      my $fd;
      $open{$2} = $fd if sysopen($fd, $2, O_RDWR | O_NOCTTY | O_NONBLOCK);
    }
  }
  for my $path (keys %open) {
    $termios->getattr(fileno($open{$path})) or next;
    my $rate = $rates{$termios->getospeed} // 0;
    next if ($said{$path} // '') eq $rate;
    $said{$path} = $rate; print "$path $rate\n";
  }
}`;

export interface TerminalRates {
  /** From now on, and at once with the rate of the moment. */
  watch(path: string, onRate: (baudRate: number) => void): void;
  forget(path: string): void;
  stop(): void;
}

export function watchRates(): TerminalRates {
  const perl = spawn('perl', ['-e', program], { stdio: ['pipe', 'pipe', 'inherit'] });
  const watchers = new Map<string, (baudRate: number) => void>();
  createInterface({ input: perl.stdout }).on('line', (line) => {
    const [path, rate] = line.split(' ') as [string, string];
    watchers.get(path)?.(Number(rate));
  });
  return {
    watch: (path, onRate) => {
      watchers.set(path, onRate);
      perl.stdin.write(`open ${path}\n`);
    },
    forget: (path) => {
      watchers.delete(path);
      perl.stdin.write(`close ${path}\n`);
    },
    stop: () => perl.stdin.end(),
  };
}
