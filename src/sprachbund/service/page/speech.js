// Speech to text: from the microphone or a file, with each word's time and how sure it is. What was said stays in the page
// until it is closed, and goes to the service alone.

import { Refused, send } from "./api.js";
import { go, languages } from "./app.js";
import { $, el, plural } from "./dom.js";
import { converted, record } from "./microphone.js";
import { state } from "./state.js";

const UNSURE = 0.6; // below, a word is marked
const QUIET = 0.003; // no sample of a recording passes this: the microphone gives nothing
const LETTERS = 10_000; // of a query
const MEGABYTE = 1_000_000;
let limits = {};
let names = {};
let recording = null;
let running = null;
let sound = null; // { file, name, peak }: what was heard, and can be heard again in another language
let links = [];

export function offer(recognisers, allowed) {
  limits = allowed;
  names = Object.fromEntries(recognisers.map((language) => [language.code, language]));
  $("listen").hidden = !recognisers.length;
  $("speech-in").hidden = recognisers.length < 2;
  $("speech-language").replaceChildren(...recognisers.map((language) => el("option", { value: language.code }, language.name)));
  const own = navigator.languages.map((tag) => tag.split("-")[0]);
  const usual = [state.spoken, ...own].find((code) => recognisers.some((one) => [one.code, one.bcp47].includes(code)));
  const found = recognisers.find((one) => [one.code, one.bcp47].includes(usual));
  if (found) $("speech-language").value = found.code;
}

// where the panel is out of sight nobody is recorded
export function quiet() {
  if (recording) close();
  $("speech-sound").pause();
}

function say(text, bad = false) {
  $("speech-status").replaceChildren(el("span", { class: bad ? "error" : "" }, text));
}

// the panel with one of its parts, or none
function show(part) {
  $("speech").hidden = false;
  for (const id of ["speech-recording", "speech-found"]) $(id).hidden = id !== part;
  $("microphone").setAttribute("aria-pressed", String(part === "speech-recording"));
}

// ends whatever goes on, and forgets what was heard
function reset() {
  recording?.cancel();
  running?.abort();
  for (const link of links) URL.revokeObjectURL(link);
  [recording, running, sound, links] = [null, null, null, []];
  $("speech-sound").removeAttribute("src");
  $("speech-words").replaceChildren();
}

function close() {
  reset();
  show("");
  $("speech").hidden = true;
  say("");
}

const clock = (seconds) => `${Math.floor(seconds / 60)}:${String(Math.floor(seconds % 60)).padStart(2, "0")}`;

async function listen() {
  if (recording) return stop();
  reset();
  show("");
  say("Asking for the microphone …");
  const mine = (running = new AbortController());
  try {
    const found = await record(limits, level, stop);
    if (mine.signal.aborted) return found.cancel();
    recording = found;
  } catch (error) {
    if (!mine.signal.aborted) say(error.message, true);
    return;
  }
  level(0, 0, limits.sound_longest);
  show("speech-recording");
  say("Recording. Speak, then press Stop.");
  $("speech-stop").focus();
}

function level(peak, seconds, most) {
  // from -60 decibels to full scale
  const share = peak > 0 ? Math.max(0, 1 + Math.log10(peak) / 3) : 0;
  $("speech-level").style.setProperty("--level", share.toFixed(3));
  $("speech-seconds").textContent = `${clock(seconds)} of ${clock(most)}`;
}

function stop() {
  if (!recording) return;
  const { file, peak } = recording.stop();
  recording = null;
  transcribe({ file, name: "recording", peak });
}

async function transcribe(heard) {
  reset();
  sound = heard;
  show("");
  if (heard.file.size > limits.sound_body) {
    const size = (bytes) => `${(bytes / MEGABYTE).toFixed(1)} MB`;
    say(`The file has ${size(heard.file.size)}; ${size(limits.sound_body)} may be sent. “sprachbund speech transcribe” takes any length.`, true);
    return;
  }
  say("Writing it down …");
  const mine = (running = new AbortController());
  const path = `/transcribe?${new URLSearchParams({ language: $("speech-language").value })}`;
  try {
    render(await answered(path, heard, mine.signal));
  } catch (error) {
    if (error.name === "AbortError") return;
    say(error instanceof Refused ? sentence(error.message) : `Something went wrong in the page: ${error.message}`, true);
    $("microphone").focus();
  } finally {
    if (running === mine) running = null;
  }
}

// what the service does not read (m4a, webm) the browser may: it is sent again as WAV then
async function answered(path, heard, signal) {
  try {
    return await send(path, heard.file, signal);
  } catch (error) {
    if (error.status !== 415) throw error;
    let file;
    try {
      file = await converted(heard.file, limits);
    } catch {
      throw error;
    }
    return send(path, file, signal);
  }
}

const sentence = (text) => `${text[0].toUpperCase()}${text.slice(1)}.`;

function render(answer) {
  const { words, seconds } = answer;
  const player = $("speech-sound");
  player.hidden = false;
  player.src = link(sound.file);
  const language = names[answer.language];
  $("speech-words").lang = language.bcp47;
  $("speech-words").replaceChildren(...words.flatMap((word, number) => [number ? " " : "", button(word, number)]));
  $("speech-hint").hidden = !words.length;
  $("speech-search").hidden = !words.length;
  for (const [id, text, kind] of [["speech-text", `${answer.text}\n`, "txt"], ["speech-srt", answer.srt, "srt"]]) {
    $(id).hidden = !words.length;
    $(id).href = link(new Blob([text], { type: "text/plain;charset=utf-8" }));
    $(id).download = `${sound.name}.${kind}`;
  }
  $("speech-found").dataset.language = answer.language;
  show("speech-found");
  const length = `${seconds.toFixed(1)} s of sound`;
  if (words.length) say(`${plural(words.length, "word")} in ${length}, ${language.name}.`);
  else say(sound.peak < QUIET ? `The microphone gave silence, ${length}. Is it muted?` : `No words were heard in ${length}.`);
  $(words.length ? "speech-search" : "microphone").focus();
}

function link(blob) {
  links.push(URL.createObjectURL(blob));
  return links.at(-1);
}

// a word: paler the less sure it is; pressed, the sound plays from there
function button(word, number) {
  const sure = Math.round(100 * word.confidence);
  return el("button", {
    type: "button",
    class: `word${word.confidence < UNSURE ? " unsure" : ""}`,
    tabindex: number ? "-1" : "0",
    title: `${word.start.toFixed(1)} to ${word.end.toFixed(1)} s, ${sure}% sure`,
    "data-start": word.start,
    "--sure": Math.max(0, Math.min(1, 2 * word.confidence - 0.8)),
    onclick: () => play(word.start),
  }, word.text);
}

function play(seconds) {
  $("speech-sound").currentTime = seconds;
  $("speech-sound").play().catch(() => {}); // a file that this browser does not play
}

$("microphone").addEventListener("click", listen);
$("speech-stop").addEventListener("click", stop);
$("speech-cancel").addEventListener("click", shut);
$("speech-close").addEventListener("click", shut);
function shut() {
  close();
  $("microphone").focus();
}
$("sound-open").addEventListener("click", () => $("sound-file").click());
$("sound-file").addEventListener("change", () => {
  const [file] = $("sound-file").files;
  if (file) transcribe({ file, name: file.name.replace(/\.[^.]*$/, "") || "sound", peak: 1 });
  $("sound-file").value = ""; // the same file may be chosen again
});
$("speech-language").addEventListener("change", () => sound && transcribe(sound));
$("speech-search").addEventListener("click", () => {
  const text = [...document.querySelectorAll("#speech-words .word")].map((word) => word.textContent).join(" ");
  const code = $("speech-found").dataset.language;
  go({ view: "search", q: text.slice(0, LETTERS), page: 1, exactly: false, ...(languages.has(code) && { spoken: code }) });
});
$("speech-sound").addEventListener("error", () => ($("speech-sound").hidden = true));
$("speech-sound").addEventListener("timeupdate", () => {
  const words = [...document.querySelectorAll("#speech-words .word")];
  const now = words.findLastIndex((word) => Number(word.dataset.start) <= $("speech-sound").currentTime);
  words.forEach((word, number) => word.classList.toggle("on", number === now && !$("speech-sound").paused));
});
$("speech").addEventListener("keydown", (event) => {
  if (event.key === "Escape") shut();
  else if (event.target.matches(".word") && ["ArrowLeft", "ArrowRight"].includes(event.key)) {
    const words = [...document.querySelectorAll("#speech-words .word")];
    const next = words[words.indexOf(event.target) + (event.key === "ArrowRight" ? 1 : -1)];
    if (next) {
      event.target.tabIndex = -1;
      next.tabIndex = 0;
      next.focus();
    }
  } else return;
  event.preventDefault();
  event.stopPropagation();
});
