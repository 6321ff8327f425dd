/**
 * The pitch of a voice in 16-bit samples, by YIN (de Cheveigné and Kawahara, JASA 111, 2002, steps 2 to 5): the first dip of the
 * cumulative mean normalised difference below 0.15, refined by a parabola. Null for silence and noise. 70 to 1000 Hz.
 */
export function detectPitch(samples: Int16Array, sampleRate: number): number | null {
  const shortest = Math.floor(sampleRate / highestHz);
  const longest = Math.min(Math.ceil(sampleRate / lowestHz), samples.length >> 1);
  const window = Math.min(samples.length - longest, maxWindow);
  const normalised = new Float64Array(longest + 1);
  let sum = 0;
  for (let lag = 1; lag <= longest; lag += 1) {
    let difference = 0;
    for (let i = 0; i < window; i += 1) {
      const delta = (samples[i] as number) - (samples[i + lag] as number);
      difference += delta * delta;
    }
    sum += difference;
    normalised[lag] = sum === 0 ? 1 : (difference * lag) / sum;
  }
  for (let lag = shortest; lag < longest; lag += 1) {
    if ((normalised[lag] as number) >= threshold) continue;
    while (lag + 1 < longest && (normalised[lag + 1] as number) < (normalised[lag] as number)) lag += 1;
    return sampleRate / refine(normalised, lag);
  }
  return null;
}

const lowestHz = 70;
const highestHz = 1000;
const threshold = 0.15;
/** 32 ms at 16 kHz: two periods of the lowest voice. */
const maxWindow = 512;

function refine(values: Float64Array, at: number): number {
  const [before, here, after] = [values[at - 1] as number, values[at] as number, values[at + 1] as number];
  const curvature = before - 2 * here + after;
  return curvature === 0 ? at : at + (before - after) / (2 * curvature);
}
