/** The guardian's process: wires the providers and the run's own undo to the guardian. `squall drill` starts it; nobody else should. */
import { runGuardian } from '../orchestrator/recovery/guardian/guardian.ts';
import { everyUndoing } from './providers.ts';

// A closing terminal, or Ctrl-C to its group, must not end the one process that exists for exactly that moment.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => {});

const left = await runGuardian({ input: process.stdin, output: process.stdout, undoing: everyUndoing() });
for (const { describe, command } of left) process.stderr.write(`left behind: ${describe}\n  ${command}\n`);
process.exit(left.length === 0 ? 0 : 3);
