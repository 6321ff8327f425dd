import { latin1 } from './latin1.ts';
import { REQUEST_METRICS, type Records } from './records.ts';

/** Puts records back into the CSV that k6 wrote, byte for byte. `write` gets pieces of it, whole lines each. */
export function createCsvText(write: (piece: Buffer) => void): Records & { flush(): void } {
  // One character for each byte, whatever they mean.
  let text = '';
  const metrics: string[] = [];
  const tails: string[] = [];

  function line(metric: string, tags: number, time: string, value: string, metadata = ''): void {
    text += `${metric},${time},${value},${tails[tags]},${metadata}\n`;
    if (text.length > PIECE) flush();
  }

  function flush(): void {
    if (text !== '') write(Buffer.from(text, 'latin1'));
    text = '';
  }

  return {
    columns(columns) {
      text += `${latin1(columns)}\n`;
    },
    metric(id, name) {
      metrics[id] = latin1(name);
      return true;
    },
    tags(slot, tail) {
      tails[slot] = latin1(tail);
    },
    request(tags, ms, nanos, values, failed) {
      const time = timeText(ms, nanos);
      for (const [place, metric] of REQUEST_METRICS.entries()) {
        const isFlag = place === 0 || place > values.length;
        const millionths = isFlag ? Number(place === 0 || failed) * 1e6 : (values[place - 1] as number);
        line(metric, tags, time, valueText(millionths));
      }
    },
    sample(metric, tags, ms, nanos, millionths) {
      line(metrics[metric] as string, tags, timeText(ms, nanos), valueText(millionths));
    },
    oddSample(metric, tags, ms, nanos, value, metadata) {
      line(metrics[metric] as string, tags, timeText(ms, nanos), latin1(value), latin1(metadata));
    },
    unreadable(bytes) {
      text += `${latin1(bytes)}\n`;
    },
    flush,
  };
}

const PIECE = 1 << 16;

/** Nanoseconds since the epoch. */
function timeText(ms: number, nanos: number): string {
  return `${ms}${String(nanos).padStart(6, '0')}`;
}

function valueText(millionths: number): string {
  return `${Math.floor(millionths / 1e6)}.${String(millionths % 1e6).padStart(6, '0')}`;
}
