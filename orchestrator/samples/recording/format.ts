// The recording of a load, `k6/samples-<load>.squall.gz`; its layout is in decisions/0009-recording-format.md.

export const MAGIC = 'squall samples 1\n';
/** Of a block: one that says that it is longer is garbled. */
export const MAX_BLOCK = 1 << 23;

// Kinds of records.
export const COLUMNS = 0;
export const METRIC = 1;
export const TAGS = 2;
export const TIME = 3;
export const GOOD = 4;
export const BAD = 5;
export const ODD = 6;
export const UNREADABLE = 7;
export const END = 8;
/** And twice the metric; one more when the tags and the time are those of the sample before. */
export const SAMPLE = 16;
