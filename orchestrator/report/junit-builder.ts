import imported, { type Builder } from 'junit-report-builder';

/** The package is CommonJS whose types say ESM: what arrives as default is the builder itself. */
export const junitBuilder = imported as unknown as Builder;
