/**
 * The recording of a load, `k6/samples-<load>.squall.gz`: gzip (so that damage is noticed) over a first line and blocks.
 *
 *     recording  = "squall samples 1\n" block*
 *     block      = length of what follows (4 bytes, little-endian) record*
 *     COLUMNS    text                                 the first line of k6's CSV
 *     METRIC     text                                 its name; metrics are numbered from 0 in this order
 *     TAGS       slot text                            the tag columns of a CSV line; a slot may be used again
 *     TIME       ms nanos                             sets the clock
 *     GOOD, BAD  slot clock blocked connecting tls_handshaking sending waiting receiving rest
 *                                                     a request; http_req_duration is the rest and the three before it together
 *     ODD        metric slot clock value metadata     a sample with two texts, both as in the CSV
 *     UNREADABLE text                                 a line that is no sample
 *     END        samples text                         how many there were, and why k6's text is not whole; the last record
 *     2m + SAMPLE      slot clock value               a sample of metric m
 *     2m + SAMPLE + 1  value                          one with the tags and the time of the one before
 *
 * A record begins with its kind. Numbers are LEB128 varints (seven bits a byte, low ones first), `clock` and `rest` zigzag: the
 * nanoseconds since the sample before, and what may be negative. Values are millionths. A text is its length and its bytes.
 */
export const MAGIC = 'squall samples 1\n';
/** Of a block: one that says that it is longer is garbled. */
export const MAX_BLOCK = 1 << 23;

export const COLUMNS = 0;
export const METRIC = 1;
export const TAGS = 2;
export const TIME = 3;
export const GOOD = 4;
export const BAD = 5;
export const ODD = 6;
export const UNREADABLE = 7;
export const END = 8;
export const SAMPLE = 16;
