// Runs beside the page and passes on what the microphone gives, some 40 ms at a time.

const SIZE = 2048; // a multiple of what comes at once

class Microphone extends AudioWorkletProcessor {
  #held = new Float32Array(SIZE);
  #filled = 0;

  process([[samples]]) {
    if (!samples) return true;
    this.#held.set(samples, this.#filled);
    this.#filled += samples.length;
    if (this.#filled === SIZE) {
      this.port.postMessage(this.#held);
      this.#filled = 0;
    }
    return true;
  }
}

registerProcessor("microphone", Microphone);
