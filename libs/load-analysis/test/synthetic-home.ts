/**
 * 120 days of an invented home, hour by hour in kWh, from a linear congruential generator: the
 * published golden numbers of the forecast are those of this series.
 */
export function syntheticHome(): { firstDay: number; kwh: number[] } {
  let state = 12_345;
  const draw = (): number => {
    state = (Math.imul(1_664_525, state) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
  const bump = (hour: number, centre: number, width: number): number =>
    Math.exp(-((hour - centre) ** 2) / width);
  const kwh: number[] = [];
  for (let day = 0; day < 120; day += 1) {
    const weekend = day % 7 >= 5;
    for (let hour = 0; hour < 24; hour += 1) {
      const morning = (weekend ? 0.5 : 0.8) * bump(hour, weekend ? 9 : 7, 2);
      const evening = 1.4 * bump(hour, 19, 6);
      const noon = weekend ? 0.6 * bump(hour, 13, 4) : 0;
      const level = 1 + 0.25 * Math.sin((2 * Math.PI * day) / 60);
      let value = 0.18 + level * (morning + evening + noon);
      if (draw() < 0.06) value += 1.5 + draw();
      value *= 0.7 + 0.6 * draw();
      kwh.push(Math.round(value * 1000) / 1000);
    }
  }
  // A Monday, as day 0 is no weekend and day 5 is.
  return { firstDay: Date.UTC(2024, 0, 1) / 86_400_000, kwh };
}
