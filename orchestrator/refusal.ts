/** Refused before anything was touched (exit 64): bad usage, a limit of the environment, a missing bundle. */
export class RefusalError extends Error {
  override readonly name = 'RefusalError';
}
