/** The lines of a serial port whose state can be read. */
export const controlLines = ['cts', 'dsr', 'dcd'] as const;
export type ControlLine = (typeof controlLines)[number];

export const pulseInputs = ['byte', 'state', ...controlLines] as const;
export type PulseInput = (typeof pulseInputs)[number];

export const isControlLine = (input: PulseInput): input is ControlLine =>
  (controlLines as readonly PulseInput[]).includes(input);

/** The shortest pulse and the shortest pause of an S0 output (EN 62053-31). */
export const s0LengthMsMin = 30;
/** A third of that: two looks and a bounce of 10 ms fit into a pulse. */
export const pulsePollMs = 10;

/** What a pulse input delivers, and what a pulse is worth. */
export interface PulseOptions {
  /**
   * `byte`: every byte is a pulse (an S0 output on the receive line). `state`: a line's state as `0`
   * and `1`; a pulse is the change to `1`. A control line: looked at every `pollMs`, each look is a
   * `0` or `1`, and a pulse is an active phase.
   */
  readonly input: PulseInput;
  /** Control lines: the time from look to look; `pulsePollMs` if left out. */
  readonly pollMs?: number;
  /** Control lines: how long a pulse and a pause last at least; `s0LengthMsMin` if left out. */
  readonly lengthMsMin?: number;
  /** Pulses per kWh or per m³, as printed on the meter; without it pulses are counted only. */
  readonly perUnit?: number;
  /** Energy in kWh or volume in m³; `energyImportWh` if left out. */
  readonly quantity?: 'energyImportWh' | 'energyExportWh' | 'volumeL';
  /** What the meter shows when counting begins, in kWh or m³; without `perUnit` in pulses. */
  readonly start?: number;
}
