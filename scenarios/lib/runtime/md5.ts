import crypto from 'k6/crypto';

/** Of a body, in hexadecimal. Apart from k6.ts: every virtual user of every scenario would carry the module. */
export const md5 = (body: ArrayBuffer): string => crypto.md5(body, 'hex');
