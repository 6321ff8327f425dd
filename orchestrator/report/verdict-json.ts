import type { Verdict } from '../verdict.types.ts';

/** verdict.json as text. Characters that would drive a terminal are written as \uXXXX: the value is the same, `cat` is safe. */
export function verdictJson(verdict: Verdict): string {
  const text = JSON.stringify(verdict, null, 2);
  return `${text.replace(DRIVES_A_TERMINAL, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`)}\n`;
}

/** C1 controls and bidirectional overrides; JSON itself has taken care of the others. */
const DRIVES_A_TERMINAL = /[\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/g;
