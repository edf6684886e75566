/** What a pulse input delivers, and what a pulse is worth. */
export interface PulseOptions {
  /**
   * `byte`: every byte is a pulse (an S0 output on the receive line). `state`: the line's state as
   * `0` and `1`; a pulse is the change to `1`.
   */
  readonly form: 'byte' | 'state';
  /** Pulses per kWh or per m³, as printed on the meter; without it pulses are counted only. */
  readonly perUnit?: number;
  /** Energy in kWh or volume in m³; `energyImportWh` if left out. */
  readonly quantity?: 'energyImportWh' | 'energyExportWh' | 'volumeL';
  /** What the meter shows when counting begins, in kWh or m³; without `perUnit` in pulses. */
  readonly start?: number;
}
