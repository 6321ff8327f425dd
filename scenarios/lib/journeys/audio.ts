import { countedCounter } from '../objectives/counted.ts';
import { bearer } from '../runtime/auth.ts';
import { fieldsOf } from '../runtime/fields.ts';
import { http } from '../runtime/k6.ts';
import { md5 } from '../runtime/md5.ts';
import { baseUrl, request } from '../runtime/target.ts';

const notStored = countedCounter('audio_not_stored');
const changed = countedCounter('audio_changed');
const signatureIgnored = countedCounter('audio_signature_ignored');

/**
 * Finished audio can be fetched: `path` answers `{url, md5}` from the database, and without a token the signed URL in it gives a whole
 * WAV with that hash. With another signature it gives nothing. What was not fetched is not stored, and says nothing about the rest.
 */
export const checkAudio = (path: string, token: string | null): void => {
  const page = http.get(`${baseUrl}${path}`, {
    ...request({ name: 'GET audio' }, bearer(token)),
    responseType: 'text',
  });
  const { url, md5: stored } = page.status === 200 ? fieldsOf(page) : {};
  if (typeof url !== 'string') {
    notStored.add(1);
    return;
  }
  const wav = fetchBytes(url, 'GET signed URL');
  notStored.add(wav !== null && isWav(wav) ? 0 : 1);
  if (wav !== null) changed.add(md5(wav) === stored ? 0 : 1);
  // Not a user's request, and meant to fail. No answer at all is no refusal.
  const forged = http.get(withOtherSignature(url), {
    ...request({ name: 'GET forged URL' }),
    responseType: 'none',
    responseCallback: http.expectedStatuses(403),
  });
  if (forged.status !== 0) signatureIgnored.add(forged.status === 403 ? 0 : 1);
};

const fetchBytes = (url: string, name: string): ArrayBuffer | null => {
  const { status, body } = http.get(url, { ...request({ name }), responseType: 'binary' });
  return status === 200 ? (body as unknown as ArrayBuffer) : null;
};

/** As long as its header says, and not empty. */
export const isWav = (wav: ArrayBuffer): boolean => {
  if (wav.byteLength <= 44) return false;
  const view = new DataView(wav);
  const is = (at: number, word: string): boolean =>
    [...word].every((letter, i) => view.getUint8(at + i) === letter.charCodeAt(0));
  return is(0, 'RIFF') && is(8, 'WAVE') && view.getUint32(4, true) + 8 === wav.byteLength;
};

/** The last letter is another one. A URL without a signature stays as it is: whoever has it may read. */
export const withOtherSignature = (url: string): string => {
  const name = 'X-Amz-Signature=';
  const from = url.indexOf(name);
  if (from < 0) return url;
  const next = url.indexOf('&', from);
  const last = (next < 0 ? url.length : next) - 1;
  return `${url.slice(0, last)}${url[last] === '0' ? '1' : '0'}${url.slice(last + 1)}`;
};
