const sampleRate = 8_000;
const headerBytes = 44;
const beatsInBar = 4;

/** One bar of bass drum and hi-hat at this speed: WAV, mono, 16 bit, 8 kHz. */
export function renderBar(bpm: number): Buffer {
  const beatSamples = Math.round((60 / bpm) * sampleRate);
  const samples = beatSamples * beatsInBar;
  const wav = Buffer.alloc(headerBytes + samples * 2);
  writeHeader(wav, samples * 2);
  for (let i = 0; i < samples; i += 1) {
    const t = (i % beatSamples) / sampleRate;
    const offbeat = ((i + beatSamples / 2) % beatSamples) / sampleRate;
    const drum = Math.sin(2 * Math.PI * (50 + 100 * Math.exp(-t * 30)) * t) * Math.exp(-t * 8);
    const hat = (Math.random() * 2 - 1) * Math.exp(-offbeat * 60);
    wav.writeInt16LE(Math.round(20_000 * drum + 8_000 * hat), headerBytes + i * 2);
  }
  return wav;
}

function writeHeader(wav: Buffer, dataBytes: number): void {
  wav.write('RIFF', 0, 'latin1');
  wav.writeUInt32LE(headerBytes - 8 + dataBytes, 4);
  wav.write('WAVEfmt ', 8, 'latin1');
  wav.writeUInt32LE(16, 16);
  wav.writeUInt16LE(1, 20);
  wav.writeUInt16LE(1, 22);
  wav.writeUInt32LE(sampleRate, 24);
  wav.writeUInt32LE(sampleRate * 2, 28);
  wav.writeUInt16LE(2, 32);
  wav.writeUInt16LE(16, 34);
  wav.write('data', 36, 'latin1');
  wav.writeUInt32LE(dataBytes, 40);
}
