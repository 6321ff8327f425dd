import { statfs } from 'node:fs/promises';
import os from 'node:os';
import { execa } from 'execa';
import type { DoctorCheck } from './check.ts';

const GB = 1e9;
// Half an hour at 1000 requests a second leaves 0.14 GB of compressed samples; the testbed's databases take as much again.
const leastDiskBytes = 1 * GB;
// One per virtual user and then some: the largest scenario has 1000 of them.
const leastOpenFiles = 4_096;

export async function checkMachine({ cwd }: { cwd: string }): Promise<DoctorCheck[]> {
  return Promise.all([
    checkSystem(),
    checkDisk('disk here', cwd),
    checkDisk('disk for temporary files', os.tmpdir()),
    checkCpus(),
    checkOpenFiles(),
  ]);
}

function checkSystem(): DoctorCheck {
  return {
    name: 'system',
    ok: process.platform === 'linux',
    found: `${os.type()} ${os.release()} ${os.arch()}`,
    fix: 'processes are known by what Linux says about them in /proc: use Linux, a virtual machine with it, or WSL',
    onlyFor: 'the testbed and faults on local processes',
  };
}

export async function checkDisk(name: string, folder: string, least = leastDiskBytes): Promise<DoctorCheck> {
  const { bavail, bsize } = await statfs(folder);
  const free = bavail * bsize;
  return {
    name,
    ok: free >= least,
    found: `${(free / GB).toFixed(1)} GB free at ${folder}`,
    fix: `a drill may need ${(least / GB).toFixed(0)} GB: make room, delete old runs in reports/`,
  };
}

function checkCpus(): DoctorCheck {
  const count = os.availableParallelism();
  return {
    name: 'CPU',
    ok: count >= 2,
    found: `${count} ${count === 1 ? 'core' : 'cores'}`,
    fix: 'with one core the load generator and the target slow each other down: measurements say little',
    onlyFor: 'trustworthy latencies',
  };
}

async function checkOpenFiles(): Promise<DoctorCheck> {
  // The hard limit counts: k6 and Node raise their own soft limit to it.
  const { stdout } = await execa('sh', ['-c', 'ulimit -Hn'], {
    reject: false,
    stdin: 'ignore',
    timeout: 5_000,
  });
  const limit = stdout.trim() === 'unlimited' ? Number.POSITIVE_INFINITY : Number(stdout);
  return {
    name: 'open files',
    ok: limit >= leastOpenFiles,
    found: `at most ${stdout.trim() || 'unknown'}`,
    fix: `1000 virtual users need ${leastOpenFiles}: ulimit -n ${leastOpenFiles}, or nofile in /etc/security/limits.conf`,
  };
}
