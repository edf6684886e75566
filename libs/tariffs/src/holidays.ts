/**
 * Public holidays by `date-holidays` (ISC and CC-BY-3.0, github.com/commenthol/date-holidays),
 * loaded when first asked for: its data are large and most tariffs need none.
 *
 * `country` is `BE`, `DE-BW` …; the days are local and include both ends of the years.
 */
export async function holidaysOf(
  country: string,
  years: readonly number[],
): Promise<ReadonlySet<string>> {
  const { default: Holidays } = await import('date-holidays');
  const [land = country, ...regions] = country.split('-');
  const calendar = new Holidays({ country: land, ...(regions[0] ? { state: regions[0] } : {}) });
  if (!(land in calendar.getCountries())) throw new RangeError(`no holidays for ${country}`);
  const days = new Set<string>();
  for (const year of years) {
    for (const { type, date, start, end } of calendar.getHolidays(year)) {
      if (type !== 'public') continue;
      const lastMs = end.getTime() - 1;
      // Feasts such as 설날 take several days; `date` names the first one in local time.
      for (let ms = start.getTime(), day = date.slice(0, 10); ms <= lastMs; ms += DAY_MS) {
        days.add(day);
        day = dayAfter(day);
      }
    }
  }
  return days;
}

const DAY_MS = 86_400_000;

const dayAfter = (day: string): string =>
  new Date(Date.parse(`${day}T00:00:00Z`) + DAY_MS).toISOString().slice(0, 10);
