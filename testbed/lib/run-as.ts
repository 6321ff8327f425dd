import { execFileSync } from 'node:child_process';
import { statSync } from 'node:fs';
import path from 'node:path';

export interface RunAs {
  readonly uid: number;
  readonly gid: number;
  readonly name: string;
}

/** Postgres refuses to run as root: as root it gets the user `postgres` if there is one, else `nobody`. */
export function chooseRunAs(): RunAs | null {
  if (process.getuid?.() !== 0) return null;
  for (const name of ['postgres', 'nobody']) {
    const id = (flag: string): number =>
      Number(execFileSync('id', [flag, name], { encoding: 'utf8', stdio: 'pipe' }));
    try {
      return { uid: id('-u'), gid: id('-g'), name };
    } catch {
      // No such user; try the next.
    }
  }
  throw new Error(
    'testbed: Postgres does not run as root and there is no user "postgres" or "nobody" to run it as; make one, or start the testbed as another user',
  );
}

/** Whether this user can reach the directory. Only checks permission bits, which errs on the safe side. */
export function canReach(runAs: RunAs | null, directory: string): boolean {
  if (runAs === null) return true;
  for (let at = path.resolve(directory); ; at = path.dirname(at)) {
    const info = statSync(at, { throwIfNoEntry: false });
    if (info !== undefined) {
      const bit = info.uid === runAs.uid ? 0o100 : info.gid === runAs.gid ? 0o010 : 0o001;
      if ((info.mode & bit) === 0) return false;
    }
    if (at === path.dirname(at)) return true;
  }
}
