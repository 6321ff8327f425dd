import { parseDocument } from 'yaml';
import { RefusalError } from '../../refusal.ts';

/** JSON or YAML, with merge keys (`<<`). @throws RefusalError that names the line */
export function parsedText(file: string, text: string): unknown {
  const plain = text.replace(/^\uFEFF/, '');
  try {
    return JSON.parse(plain);
  } catch {
    const document = parseDocument(plain, { merge: true, logLevel: 'silent' });
    const [error] = document.errors;
    const line = error?.linePos?.[0].line;
    if (error !== undefined)
      throw new RefusalError(
        `init: ${file}${line === undefined ? '' : `:${line}`}: ${error.message.split('\n')[0]}`,
      );
    try {
      return document.toJS({ maxAliasCount: 1_000 });
    } catch (cause) {
      throw new RefusalError(`init: ${file}: ${(cause as Error).message}`, { cause });
    }
  }
}
