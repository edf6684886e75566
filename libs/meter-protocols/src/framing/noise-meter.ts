import type { Fault } from '@wattbus/energy-model';

const reportBytesMax = 4096;
const sampleBytesMax = 16;

/**
 * Counts the bytes that belong to no frame and makes one fault of each run of them, so that a
 * wrong baud rate gives a message now and then instead of a flood.
 */
export class NoiseMeter {
  private readonly protocol: string;
  private count = 0;
  private offset = 0;
  private sample: number[] = [];

  constructor(protocol: string) {
    this.protocol = protocol;
  }

  /**
   * Takes skipped bytes, the first of which stands at `offset` of the stream. Blanks, line ends and
   * zeros between frames are no noise. Returns a fault whenever a run has become long.
   */
  skip(bytes: Uint8Array, offset: number): readonly Fault[] {
    const faults: Fault[] = [];
    for (let index = 0; index < bytes.length; index += 1) {
      const byte = bytes[index]!;
      if (this.count === 0) {
        if (isBlank(byte)) continue;
        this.offset = offset + index;
      }
      this.count += 1;
      if (this.sample.length < sampleBytesMax) this.sample.push(byte);
      if (this.count === reportBytesMax) faults.push(...this.report());
    }
    return faults;
  }

  /** Ends the run: the fault about what was skipped since the last one, if anything was. */
  report(): readonly Fault[] {
    if (this.count === 0) return [];
    const sample = this.sample.map((byte) => byte.toString(16).padStart(2, '0')).join(' ');
    const fault: Fault = {
      protocol: this.protocol,
      fault: 'noise',
      offset: this.offset,
      detail: `${this.count} bytes that belong to no frame, beginning with ${sample}`,
    };
    this.count = 0;
    this.sample = [];
    return [fault];
  }
}

/** NUL, tab, line feed, carriage return, blank: what ports and meters leave between frames. */
function isBlank(byte: number): boolean {
  return byte === 0x00 || (byte >= 0x09 && byte <= 0x0d) || byte === 0x20;
}
