/** "2026-05-11T08:00" as read in a time zone, as an instant (ISO, UTC). */
export function atZone(local: string, zone: string): string {
  const wanted = Date.parse(`${local}Z`);
  const offset = (at: number): number => {
    const parts = new Intl.DateTimeFormat("en-CA", {
      timeZone: zone, hourCycle: "h23", year: "numeric", month: "2-digit", day: "2-digit", hour: "2-digit", minute: "2-digit", second: "2-digit",
    }).formatToParts(new Date(at));
    const part = (type: string): string => parts.find((one) => one.type === type)?.value ?? "00";
    return Date.parse(`${part("year")}-${part("month")}-${part("day")}T${part("hour")}:${part("minute")}:${part("second")}Z`) - at;
  };
  const near = wanted - offset(wanted);
  // Once more, for the hours around a change to summer time.
  return new Date(wanted - offset(near)).toISOString();
}
