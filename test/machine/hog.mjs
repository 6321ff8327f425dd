/**
 * Takes one processor for some milliseconds when it is told to, and ends. It looks at the clock all the time: whoever raised its priority
 * could not end it.
 */
process.once('message', (ms) => {
  const until = Date.now() + Math.min(ms, 5000);
  while (Date.now() < until);
  process.exit(0);
});
process.on('disconnect', () => process.exit(0));
process.send('ready');
