// Waiting with a limit. A test never sleeps for a fixed time: it names what it waits for, and fails with that name.

export class WaitTimeout extends Error {}

export function pause(ms) {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

// Resolves with the first truthy value of `check`, which may be async. `describe` is called once, on failure, so that
// the message says how far things had come.
export async function until(what, check, { timeoutMs = 15_000, everyMs = 25, describe } = {}) {
  const deadline = Date.now() + timeoutMs;
  for (;;) {
    const value = await check();
    if (value) return value;
    if (Date.now() > deadline) {
      const state = describe ? `; ${await describe()}` : '';
      throw new WaitTimeout(`gave up after ${timeoutMs} ms waiting until ${what}${state}`);
    }
    await pause(everyMs);
  }
}

// Rejects when the promise has not settled in time; the promise itself cannot be stopped.
export function within(timeoutMs, what, promise) {
  let timer;
  const limit = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new WaitTimeout(`${what} took longer than ${timeoutMs} ms`)), timeoutMs);
  });
  return Promise.race([promise, limit]).finally(() => clearTimeout(timer));
}
