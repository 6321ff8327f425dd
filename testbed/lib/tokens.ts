import { decodeJwt, errors, jwtVerify, SignJWT } from 'jose';

export type Role = 'user' | 'admin';

/** The caller, according to the token. */
export interface Caller {
  readonly user: string;
  readonly role: Role;
  readonly session: string;
}

export interface Tokens {
  issue(caller: Caller, ttlSeconds: number): Promise<string>;
  /** @throws TokenError when it is missing, expired, not ours, or malformed */
  verify(authorization: string | undefined, sabotage?: TokenSabotage): Promise<Caller>;
}

/** The switches of the same names. */
export interface TokenSabotage {
  readonly 'accept-missing': boolean;
  readonly 'accept-expired': boolean;
  readonly 'accept-tampered': boolean;
}
const none: TokenSabotage = { 'accept-missing': false, 'accept-expired': false, 'accept-tampered': false };

export class TokenError extends Error {
  readonly statusCode = 401;
  readonly headers = { 'www-authenticate': 'Bearer' };
}

const issuer = 'squall-testbed';
const maxCached = 2_000;

/** HS256 tokens. Once a token has been verified, only its age is checked again. */
export function createTokens(jwtKey: string): Tokens {
  const key = Buffer.from(jwtKey, 'base64url');
  const verified = new Map<string, { caller: Caller; expiresAtMs: number }>();
  return {
    issue: ({ user, role, session }, ttlSeconds) =>
      new SignJWT({ role, sid: session })
        .setProtectedHeader({ alg: 'HS256' })
        .setIssuer(issuer)
        .setSubject(user)
        .setIssuedAt()
        .setExpirationTime(Math.floor(Date.now() / 1_000) + ttlSeconds)
        .sign(key),
    async verify(authorization, sabotage = none) {
      const acceptExpired = sabotage['accept-expired'];
      const token = /^Bearer (\S+)$/i.exec(authorization ?? '')?.[1];
      if (token === undefined && sabotage['accept-missing'])
        return { user: 'user', role: 'user', session: 'none' };
      if (token === undefined) throw new TokenError('a bearer token is needed: POST /api/login');
      const known = verified.get(token);
      if (known !== undefined && (known.expiresAtMs > Date.now() || acceptExpired)) return known.caller;
      verified.delete(token);
      const entry = await check(token, key, sabotage);
      if (verified.size >= maxCached) verified.delete(verified.keys().next().value as string);
      verified.set(token, entry);
      return entry.caller;
    },
  };
}

function decodeUnexpired(token: string, acceptExpired: boolean) {
  const payload = decodeJwt(token);
  if (!acceptExpired && (payload.exp ?? 0) * 1_000 < Date.now())
    throw new TokenError('the token has expired');
  return payload;
}

async function check(token: string, key: Uint8Array, sabotage: TokenSabotage) {
  try {
    // For the sabotage switch: with today's date set back, no token of ours is too old.
    const leeway = sabotage['accept-expired'] ? { currentDate: new Date(0) } : {};
    const payload = sabotage['accept-tampered']
      ? decodeUnexpired(token, sabotage['accept-expired'])
      : (await jwtVerify(token, key, { algorithms: ['HS256'], issuer, ...leeway })).payload;
    const caller: Caller = {
      user: payload.sub ?? '',
      role: payload.role === 'admin' ? 'admin' : 'user',
      session: String(payload.sid),
    };
    return { caller, expiresAtMs: (payload.exp ?? 0) * 1_000 };
  } catch (error) {
    if (error instanceof errors.JWTExpired) throw new TokenError('the token has expired');
    throw new TokenError('the token is not valid');
  }
}
