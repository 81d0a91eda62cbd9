// What every client here does alike: it is told what to do, one JSON object a line, and says when it is done.

import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';

/** Obeys, one thing after the other, until there is nothing more to read. */
export async function obey(deeds) {
  for await (const line of createInterface({ input: process.stdin })) {
    const { do: what, ...how } = JSON.parse(line);
    try {
      say({ done: what, ...(await deeds[what](how)) });
    } catch (fault) {
      say({ failed: what, says: String(fault?.stack ?? fault) });
    }
  }
  process.exit(0);
}

/** One line on the program's output. */
export function say(what) {
  process.stdout.write(`${JSON.stringify(what)}\n`);
}

/** The records of a file with one JSON object a line, so many at a time. */
export async function* records(path, most = 500) {
  let some = [];
  for await (const line of createInterface({ input: createReadStream(path) })) {
    some.push(JSON.parse(line));
    if (some.length === most) {
      yield some;
      some = [];
    }
  }
  if (some.length > 0) yield some;
}

/** Waits for values that come one by one: told of each, it says when none is missing. */
export class Awaited {
  #missing = new Set();
  #value;
  #resolve;

  /** `value_of` tells what a record says now. */
  async all(ids, value, value_of) {
    this.#missing = new Set(ids);
    this.#value = value;
    const whole = new Promise((resolve) => (this.#resolve = resolve));
    for (const id of ids) this.came(id, await value_of(id));
    await whole;
  }

  came(id, value) {
    if (value === this.#value && this.#missing.delete(id) && this.#missing.size === 0) this.#resolve?.();
  }

  get missing() {
    return this.#missing;
  }
}
