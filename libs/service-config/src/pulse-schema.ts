import { isControlLine, pulseInputs, pulsePollMs, s0LengthMsMin } from '@wattbus/meter-protocols';
import { z } from 'zod';

export const Pulse = z.object({
  input: z
    .enum(pulseInputs)
    .default('byte')
    .describe(
      'byte: every byte is a pulse; state: a line’s state as 0 and 1; cts, dsr, dcd: that control ' +
        'line of the port, looked at.',
    ),
  pollMs: z
    .number()
    .min(1)
    .max(1_000)
    .optional()
    .describe(
      `Control lines: from look to look, less than half of lengthMsMin. Default: ${pulsePollMs}.`,
    ),
  lengthMsMin: z
    .number()
    .min(4)
    .max(10_000)
    .optional()
    .describe(
      'Control lines: how long a pulse and a pause last at least; what is shorter is a bounce. ' +
        `Default: ${s0LengthMsMin}, as for S0.`,
    ),
  perUnit: z
    .number()
    .positive()
    .optional()
    .describe('Pulses per kWh or m³, as printed on the meter; without it they are only counted.'),
  quantity: z.enum(['energyImportWh', 'energyExportWh', 'volumeL']).default('energyImportWh'),
  start: z
    .number()
    .nonnegative()
    .default(0)
    .describe('What the meter shows when counting begins, in kWh or m³.'),
});

interface Pulsing {
  readonly port?: string | undefined;
  readonly pulse?: z.output<typeof Pulse> | undefined;
}

interface WrongPulse {
  /** From the list of meters on. */
  readonly path: readonly (string | number)[];
  readonly message: string;
}

/** All that is wrong with how the pulses of all meters come in. */
export function wrongPulses(meters: readonly Pulsing[]): readonly WrongPulse[] {
  return meters.flatMap(({ port, pulse }, i) =>
    (pulse ? wrongInput(pulse, port) : []).map(([field, message]) => ({
      path: [i, 'pulse', field],
      message,
    })),
  );
}

function wrongInput(
  { input, pollMs, lengthMsMin }: z.output<typeof Pulse>,
  port: string | undefined,
): readonly (readonly [field: string, message: string])[] {
  if (!isControlLine(input)) {
    const alien = Object.entries({ pollMs, lengthMsMin }).filter(
      ([, value]) => value !== undefined,
    );
    return alien.map(([field]) => [field, 'belongs to the inputs cts, dsr and dcd only']);
  }
  const wrong: (readonly [string, string])[] = [];
  if (port?.startsWith('tcp://')) {
    wrong.push(['input', `${input} is a line of a serial port; ${port} carries bytes only`]);
  }
  const halfMs = (lengthMsMin ?? s0LengthMsMin) / 2;
  if ((pollMs ?? pulsePollMs) >= halfMs) {
    const message = `must be less than ${halfMs}, half of lengthMsMin, or pulses pass unseen`;
    wrong.push(['pollMs', message]);
  }
  return wrong;
}
