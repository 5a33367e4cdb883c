/** `850 ms`, `12.3 s`, `4 m 05 s`, `3 h 20 m`, `5 d 3 h`. */
export function duration(milliseconds) {
  const ms = Math.max(0, Math.round(milliseconds));
  if (ms < 1000) return `${ms} ms`;
  if (ms < 60_000) return `${(ms / 1000).toFixed(1)} s`;
  const minutes = Math.floor(ms / 60_000);
  if (minutes < 60) {
    return `${minutes} m ${String(Math.floor((ms % 60_000) / 1000)).padStart(2, '0')} s`;
  }
  const hours = Math.floor(minutes / 60);
  return hours < 48
    ? `${hours} h ${String(minutes % 60).padStart(2, '0')} m`
    : `${Math.floor(hours / 24)} d ${hours % 24} h`;
}

/** A duration in whole seconds, which change less often on the screen. */
export function age(milliseconds) {
  return milliseconds < 60_000
    ? `${Math.max(0, Math.floor(milliseconds / 1000))} s`
    : duration(milliseconds);
}

const times = {
  seconds: new Intl.DateTimeFormat([], {
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
    hourCycle: 'h23',
  }),
  minutes: new Intl.DateTimeFormat([], { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' }),
  days: new Intl.DateTimeFormat([], {
    month: 'short',
    day: 'numeric',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
    hourCycle: 'h23',
  }),
};

/** The time of day, with the date if it is not today. */
export function clockTime(ms, precision = 'seconds') {
  const isToday = new Date(ms).toDateString() === new Date().toDateString();
  return times[isToday || precision === 'minutes' ? precision : 'days'].format(ms);
}

/**
 * Control characters except tab and line feed, and the marks that change the direction of writing.
 * They can make a line look like a different line.
 */
// oxlint-disable-next-line no-control-regex -- the expression searches for them
const unsafe = /[\u0000-\u0008\u000B-\u001F\u007F-\u009F\u200E\u200F\u2028-\u202E\u2066-\u2069]/g;

/** Replaces the misleading characters in the text of a function by escapes. */
export function visible(text) {
  return text.replace(
    unsafe,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

/** The end of an id, which is enough for people to distinguish invocations. */
export function shortId(id) {
  return id.slice(-8);
}
