// Sound from the microphone as a WAV file: the samples themselves, since what browsers record (WebM) the service does
// not read.

const HEAD = 44; // bytes of a WAV file before its samples
const INSTEAD = "or choose a file instead.";
const REASONS = {
  NotFoundError: `No microphone was found. Connect one and try again, ${INSTEAD}`,
  NotAllowedError: `The microphone was refused. Allow it for this page in the browser’s settings, beside the address, ${INSTEAD}`,
  NotReadableError: `The microphone does not answer; another program may have it. Close that and try again, ${INSTEAD}`,
};
const UNSAFE = "A browser gives the microphone only to a page that is opened at localhost or over https. Open this page so, or choose a file instead.";

export const seconds = (limits, rate) => Math.floor(Math.min(limits.sound_longest, (limits.sound_body - HEAD) / 2 / rate));

// listens until it is stopped, or `limits` are reached: `heard(peak, seconds, most)` is called as sound comes, `ended` when it
// stops by itself. Gives { stop, cancel }: `stop` gives the file and its highest peak.
export async function record(limits, heard, ended) {
  if (!navigator.mediaDevices?.getUserMedia) throw new Error(UNSAFE);
  let stream;
  try {
    // as it is: what a browser does for calls, a recogniser has not been taught
    stream = await navigator.mediaDevices.getUserMedia({ audio: { channelCount: 1, echoCancellation: false, noiseSuppression: false } });
  } catch (error) {
    throw new Error(REASONS[error.name] ?? `The microphone cannot be used (${error.message}); ${INSTEAD}`);
  }
  const context = new AudioContext();
  const close = () => {
    for (const track of stream.getTracks()) track.stop();
    if (context.state !== "closed") context.close();
  };
  try {
    await context.audioWorklet.addModule("/page/microphone-worklet.js");
    await context.resume();
  } catch (error) {
    close();
    throw error;
  }
  const node = new AudioWorkletNode(context, "microphone", { numberOfOutputs: 0, channelCount: 1, channelCountMode: "explicit" });
  context.createMediaStreamSource(stream).connect(node);
  const most = seconds(limits, context.sampleRate);
  const blocks = [];
  let [length, highest] = [0, 0];
  node.port.onmessage = ({ data }) => {
    if (length >= most * context.sampleRate) return;
    blocks.push(data);
    length += data.length;
    const peak = data.reduce((high, sample) => Math.max(high, Math.abs(sample)), 0);
    highest = Math.max(highest, peak);
    heard(peak, length / context.sampleRate, most);
    if (length >= most * context.sampleRate) ended();
  };
  // the microphone was taken away
  stream.getTracks()[0].addEventListener("ended", ended);
  const stop = () => {
    close();
    return { file: wav(blocks, context.sampleRate, most), peak: highest };
  };
  return { stop, cancel: close };
}

// a file that the browser can read and the service cannot, as WAV of one channel
export async function converted(file, limits) {
  const rate = 16_000;
  const sound = await new OfflineAudioContext(1, 1, rate).decodeAudioData(await file.arrayBuffer());
  const channels = Array.from({ length: sound.numberOfChannels }, (_, number) => sound.getChannelData(number));
  const mean = channels[0].map((_, place) => channels.reduce((sum, channel) => sum + channel[place], 0) / channels.length);
  // a second more than may be sent: the service says so then
  return wav([mean], rate, seconds(limits, rate) + 1);
}

// blocks of samples from -1 to 1, of so many seconds at most, as 16 bits
function wav(blocks, rate, most) {
  const length = Math.min(Math.floor(most * rate), blocks.reduce((sum, block) => sum + block.length, 0));
  const file = new DataView(new ArrayBuffer(HEAD + 2 * length));
  const text = (place, letters) => [...letters].forEach((letter, n) => file.setUint8(place + n, letter.charCodeAt(0)));
  text(0, "RIFF");
  file.setUint32(4, HEAD - 8 + 2 * length, true);
  text(8, "WAVEfmt ");
  file.setUint32(16, 16, true);
  file.setUint16(20, 1, true); // samples as numbers
  file.setUint16(22, 1, true); // channels
  file.setUint32(24, rate, true);
  file.setUint32(28, 2 * rate, true);
  file.setUint16(32, 2, true);
  file.setUint16(34, 16, true);
  text(36, "data");
  file.setUint32(40, 2 * length, true);
  let place = 0;
  for (const block of blocks)
    for (const sample of block) {
      if (place >= length) break;
      file.setInt16(HEAD + 2 * place, Math.round(32_767 * Math.max(-1, Math.min(1, sample))), true);
      place += 1;
    }
  return new Blob([file], { type: "audio/wav" });
}
