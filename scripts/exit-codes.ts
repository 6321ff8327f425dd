/** The exit codes, which people and pipelines rely on. */
export const exitCodes = { PASS: 0, FAIL: 1, INVALID: 2, residue: 3, usage: 64 } as const;
