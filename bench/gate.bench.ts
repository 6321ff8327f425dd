import { published } from './gate-published.ts';
import { simulated } from './gate-simulated.ts';
import { targets } from './gate-targets.ts';
import { testbed } from './gate-testbed.ts';

// `npm run bench:gate`: how often the gate's decision is wrong, and how often it finds what is there. Seeded: the same counts each time.
// `npm run bench:gate -- simulated` or `-- targets` is one of them; SQUALL_SESSIONS=<number> of each kind (100).
// `npm run bench:gate -- testbed DIRECTORY` measures the testbed against itself: see gate-testbed.ts.
// SQUALL_STARTS=<folder> of JSON files, each a list of starts of one benchmark, each a list of times in seconds, such as
// data/timeseries/all of https://github.com/SEALABQualityGroup/steady-state.
const [what, directory] = process.argv.slice(2);
const sessions = Number(process.env.SQUALL_SESSIONS ?? 100);
const { SQUALL_STARTS: starts } = process.env;
if (what === 'testbed') await testbed(directory);
else {
  if (what === undefined || what === 'simulated') simulated(sessions);
  if (what === undefined || what === 'targets') targets(sessions);
  if (starts !== undefined && (what === undefined || what === 'published')) published(starts);
}
