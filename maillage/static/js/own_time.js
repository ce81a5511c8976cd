/* Beside the hours of a gathering, those of the reader's own clock, where it differs from the clocks that the page names. */

function wall(moment, timeZone) {
  const parts = new Intl.DateTimeFormat("en-CA", { timeZone, hour: "numeric", minute: "numeric", hourCycle: "h23" }).formatToParts(moment);
  const [hour, minute] = ["hour", "minute"].map((type) => Number(parts.find((part) => part.type === type).value));
  return { hour, minute };
}

function said({ hour, minute }) {
  if (document.documentElement.lang.startsWith("fr")) return minute ? `${hour}\u00a0h\u00a0${minute}` : `${hour}\u00a0h`;
  const minutes = minute ? `:${String(minute).padStart(2, "0")}` : "";
  return `${hour % 12 || 12}${minutes}\u00a0${hour < 12 ? "a.m." : "p.m."}`;
}

for (const time of document.querySelectorAll("time[data-own]")) {
  const moment = new Date(time.dateTime);
  const own = wall(moment);
  const known = time.dataset.zones.split(" ").map((zone) => wall(moment, zone));
  if (!known.some(({ hour, minute }) => hour === own.hour && minute === own.minute)) {
    time.append(` (${time.dataset.own.replace("{time}", said(own))})`);
  }
}
