/** Waits for all, whatever becomes of one: what goes on in the background would be in nobody's hands. @throws the first failure */
export async function allOf(works: readonly Promise<unknown>[]): Promise<void> {
  const failed = (await Promise.allSettled(works)).find((one) => one.status === 'rejected');
  if (failed !== undefined) throw failed.reason;
}
