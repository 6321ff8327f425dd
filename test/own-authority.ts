import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import path from 'node:path';

/** An authority of one's own (`ca.pem`), as companies have it, and a certificate for 127.0.0.1 that it has signed (`key.pem`, `cert.pem`). */
export function createAuthority(directory: string): void {
  const openssl = (command: string) =>
    execFileSync('openssl', command.split(' '), { cwd: directory, stdio: 'ignore' });
  const key = '-newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes';
  openssl(`req -x509 ${key} -keyout ca.key -out ca.pem -subj /CN=own -days 2`);
  openssl(`req ${key} -keyout key.pem -out own.csr -subj /CN=target`);
  writeFileSync(path.join(directory, 'names'), 'subjectAltName=IP:127.0.0.1\n');
  openssl('x509 -req -in own.csr -CA ca.pem -CAkey ca.key -days 2 -extfile names -out cert.pem');
}
