import { createPrivateKey } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { SignJWT } from 'jose';

const keyFile = path.join(path.dirname(process.env.KUBECONFIG ?? ''), 'pki', 'sa.key');
const issuer = 'https://kubernetes.default.svc.cluster.local';

/** The key with which the cluster signs tokens is at hand only for the cluster in ../shared. */
export const hasSigningKey = existsSync(keyFile);

/** A token as the API server itself issues them. @param expires as jose has it: `10m`, or `-1m` for one that has expired */
export async function signedToken(
  { namespace, name, uid }: { readonly namespace: string; readonly name: string; readonly uid: string },
  expires: string,
): Promise<string> {
  return await new SignJWT({ 'kubernetes.io': { namespace, serviceaccount: { name, uid } } })
    .setProtectedHeader({ alg: 'RS256' })
    .setIssuer(issuer)
    .setAudience(issuer)
    .setSubject(`system:serviceaccount:${namespace}:${name}`)
    .setIssuedAt('-1h')
    .setNotBefore('-1h')
    .setExpirationTime(expires)
    .sign(createPrivateKey(readFileSync(keyFile)));
}
