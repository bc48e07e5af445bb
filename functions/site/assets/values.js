/** Values as people read them. The API gives each as text (docs/usage-guide.md). */

export const NONE = "—"; // stands for an empty value

/** `siblings`: the data set or item that the value is in. */
export function readable(keyword, value, siblings = {}) {
  const values = listed(value);
  if (values) return values.map((one) => readable(keyword, one, siblings) || NONE).join(", ");
  if (keyword.endsWith("DateTime")) return dateTime(value);
  if (keyword.endsWith("Date")) return date(value);
  // A time of day has its date beside it. Without one it may be a duration, as ExposureTime is.
  if (keyword.endsWith("Time") && keyword.replace(/Time$/, "Date") in siblings) return time(value);
  return value;
}

/**
 * The values of an element that has several texts: "['ORIGINAL', 'PRIMARY']"; null for any other text. Numbers, as in
 * "[20, 53]", have no quotes. They could be one text as well, so they are shown as they are.
 */
function listed(value) {
  if (!/^\[.*\]$/s.test(value)) return null;
  const pattern = /'((?:[^'\\]|\\.)*)'|"((?:[^"\\]|\\.)*)"/gsy;
  const found = [];
  let at = 1;
  while (at < value.length - 1) {
    pattern.lastIndex = at;
    const match = pattern.exec(value);
    if (!match) return null;
    const [whole, single, double] = match;
    found.push((single ?? double).replace(/\\(['"\\])/g, "$1"));
    at += whole.length;
    if (at === value.length - 1) break;
    if (!value.startsWith(", ", at)) return null;
    at += 2;
  }
  return found;
}

// DA, TM and DT: PS3.5 6.2. Whatever does not have their form is shown as it is.
const date = (value) => value.replace(/^(\d{4})(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])$/, "$1-$2-$3");
const time = (value) => value.replace(/^([01]\d|2[0-3])([0-5]\d)([0-5]\d|60)(\.\d{1,6})?$/, "$1:$2:$3$4");
const dateTime = (value) =>
  value.replace(/^(\d{8})(\d{6}(?:\.\d{1,6})?)([+-]\d{4})?$/, (whole, day, clock, zone = "") => {
    const parts = [date(day), time(clock), zone];
    return parts[0] === day || parts[1] === clock ? whole : parts.join(" ").trim();
  });
