/** For a test: a program that never ends by itself. */
setInterval(() => undefined, 1_000_000)
