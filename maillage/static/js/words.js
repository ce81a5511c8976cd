/* Filling and reading the sentences that the server renders, so that translation stays in one catalogue. */

/** "{name}, message {number}" with its places filled. */
export function filled(sentence, values) {
  return sentence.replace(/\{(\w+)\}/g, (whole, key) => values[key] ?? whole);
}

/** The time of day in the two patterns that the server gives: with minutes, and on the hour. */
export function clock(at, words) {
  const minutes = at.getMinutes();
  return filled(minutes ? words.clock : words.clockHour, {
    h: at.getHours(),
    m: minutes,
    mm: String(minutes).padStart(2, "0"),
  });
}

/** localStorage and sessionStorage may be forbidden or full: then nothing is kept, and nothing breaks. */
export function keep(storage, key, value) {
  try {
    if (value === null) window[storage].removeItem(key);
    else window[storage].setItem(key, JSON.stringify(value));
    return true;
  } catch {
    return false;
  }
}

export function kept(storage, key) {
  try {
    return JSON.parse(window[storage].getItem(key));
  } catch {
    return null;
  }
}
