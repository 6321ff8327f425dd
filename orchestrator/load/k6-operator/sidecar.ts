/** The container in each runner's pod that holds the samples. It is made of k6's own image: busybox is enough. */
export const SIDECAR = 'squall-samples';
export const SAMPLES_DIRECTORY = '/squall';
/** k6 writes into this pipe. */
export const SAMPLES_PIPE = `${SAMPLES_DIRECTORY}/samples`;
/** Somebody reads the pipe: k6 may start. */
const READY = `${SAMPLES_DIRECTORY}/ready`;
/** Everything was read: the pod may go. */
const DRAINED = `${SAMPLES_DIRECTORY}/drained`;
/** Longer than this nobody waits for the reader; Kubernetes grants 30 s by default. */
const DRAIN_SECONDS = 25;

/** Its first process. When k6 has ended, Kubernetes ends this container, too: it stays until the last samples are out. */
export function sidecarScript(): string {
  return [
    `mkfifo -m 666 ${SAMPLES_PIPE} || exit 1`,
    `bye() { n=0; while [ ! -e ${DRAINED} ] && [ $n -lt ${DRAIN_SECONDS} ]; do sleep 1; n=$((n+1)); done; exit 0; }`,
    'trap bye TERM INT',
    // `wait` is ended by a signal, `sleep` is not.
    'while :; do sleep 3600 & wait $!; done',
  ].join('\n');
}

/** Holds k6 back until its samples are read. */
export function waitScript(seconds: number): string {
  return `n=0; while [ ! -e ${READY} ]; do n=$((n+1)); [ $n -gt ${seconds * 5} ] && exit 1; sleep 0.2 2>/dev/null || sleep 1; done`;
}

/** Where the parts of a large archive are. */
export const PARTS_DIRECTORY = '/squall-parts';

/** Makes one file of the parts, and then does what else there is to do. */
export function joinScript(file: string, then: string): string {
  return `cat ${PARTS_DIRECTORY}/* > ${file} || exit 1; ${then}`;
}

/** Prints the samples as they come, and then a mark: that a connection ended is no evidence that the samples did. */
export function readScript(mark: string): readonly string[] {
  return ['/bin/sh', '-c', `cat ${SAMPLES_PIPE} && printf '%s' '${mark}'`];
}

export const SAY_READY = ['/bin/sh', '-c', `: > ${READY}`] as const;
export const SAY_DRAINED = ['/bin/sh', '-c', `: > ${DRAINED}`] as const;

/**
 * Answers each line with it and the time. A shell that knows the time itself (EPOCHREALTIME: bash, and busybox with its parts of bash) needs
 * no other program for that: on a busy machine each program that is started makes an answer late. Otherwise the time comes in two ways:
 * busybox may have been built without nanoseconds, and what a new file is stamped with is the kernel's time of its last tick.
 */
export const CLOCK_SCRIPT = [
  '/bin/sh',
  '-c',
  `while read -r n; do t=$EPOCHREALTIME; if [ -n "$t" ]; then echo "$n $t"; else : > ${SAMPLES_DIRECTORY}/clock; echo "$n $(date +%s%N) $(stat -c %y ${SAMPLES_DIRECTORY}/clock)"; fi; done`,
] as const;
