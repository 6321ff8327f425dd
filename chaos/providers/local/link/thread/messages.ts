import type { FromCarrier, ToCarrier } from '../messages.ts';

export type ToThread = ToCarrier | { readonly ask: 'close' };

export type FromThread =
  | { readonly opened: string; readonly thread: number | undefined }
  | { readonly problem: string; readonly fix: string | undefined }
  | { readonly answer: FromCarrier };
