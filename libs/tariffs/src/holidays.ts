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
  const daysOf = await holidayTable(country);
  return new Set(years.flatMap(daysOf));
}

/** The same for whatever year is asked for. */
export async function allHolidaysOf(country: string): Promise<Pick<ReadonlySet<string>, 'has'>> {
  const daysOf = await holidayTable(country);
  const known = new Map<number, ReadonlySet<string>>();
  return {
    has: (day) => {
      const year = Number(day.slice(0, 4));
      const days = known.get(year) ?? new Set(daysOf(year));
      if (known.size >= YEARS_KEPT_MAX) known.clear();
      known.set(year, days);
      return days.has(day);
    },
  };
}

const YEARS_KEPT_MAX = 50;

/** The days of a year, and what a feast that began in it takes of the next one. */
async function holidayTable(country: string): Promise<(year: number) => string[]> {
  const { default: Holidays } = await import('date-holidays');
  const [land = country, ...regions] = country.split('-');
  const calendar = new Holidays({ country: land, ...(regions[0] ? { state: regions[0] } : {}) });
  if (!(land in calendar.getCountries())) throw new RangeError(`no holidays for ${country}`);
  return (year) => {
    const days: string[] = [];
    for (const { type, date, start, end } of calendar.getHolidays(year)) {
      if (type !== 'public') continue;
      const lastMs = end.getTime() - 1;
      // Feasts such as 설날 take several days; `date` names the first one in local time.
      for (let ms = start.getTime(), day = date.slice(0, 10); ms <= lastMs; ms += DAY_MS) {
        days.push(day);
        day = dayAfter(day);
      }
    }
    return days;
  };
}

const DAY_MS = 86_400_000;

const dayAfter = (day: string): string =>
  new Date(Date.parse(`${day}T00:00:00Z`) + DAY_MS).toISOString().slice(0, 10);
