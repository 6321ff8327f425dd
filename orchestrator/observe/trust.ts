import { readFileSync } from 'node:fs';
import { createSecureContext, rootCertificates, type SecureContext } from 'node:tls';

/**
 * Whom squall's own requests trust: what Node does, what the load does (k6 is a Go program: the system's certificates), and those
 * of the environment. @param ca a PEM file. @throws when that cannot be read
 */
export function trusted(ca: string | undefined, env: NodeJS.ProcessEnv): SecureContext {
  const system = env.SSL_CERT_FILE ? [env.SSL_CERT_FILE] : SYSTEM_BUNDLES;
  const texts = [
    ...rootCertificates,
    ...[env.NODE_EXTRA_CA_CERTS, ...system].flatMap((file) => (file ? textOf(file) : [])),
    ...(ca === undefined ? [] : [certificatesOf(ca)]),
  ];
  return createSecureContext({ ca: texts });
}

/** Where Go looks, in its order; the first that is there is enough. */
const SYSTEM_BUNDLES = [
  '/etc/ssl/certs/ca-certificates.crt',
  '/etc/pki/tls/certs/ca-bundle.crt',
  '/etc/ssl/ca-bundle.pem',
  '/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem',
  '/etc/ssl/cert.pem',
];

function certificatesOf(file: string): string {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (cause) {
    throw new Error(`the certificates of http.ca cannot be read: ${(cause as Error).message}`, { cause });
  }
  if (!text.includes('-----BEGIN CERTIFICATE-----'))
    throw new Error(`the file of http.ca has no certificate in it: ${file}`);
  return text;
}

function textOf(file: string): string[] {
  try {
    return [readFileSync(file, 'utf8')];
  } catch {
    return [];
  }
}
