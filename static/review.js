// Deciding by keyboard, and the texts of the list filled in at once. Without this the page does all the same by buttons.

const OFF = "qamtu:review-keys-off";
const subjects = [...document.querySelectorAll(".case")];
const texts = document.getElementById("ready-texts");

function within(place, selector) {
  return place ? place.querySelector(selector) : null;
}

function current() {
  const focused = document.activeElement.closest(".case");
  return focused || document.querySelector(".case:target") || null;
}

function go(place) {
  if (!place) return;
  place.focus({ preventScroll: true });
  place.scrollIntoView({ block: "start" });
}

function step(by, wanted = () => true) {
  const here = subjects.indexOf(current());
  for (let at = here + by; at >= 0 && at < subjects.length; at += by) {
    if (wanted(subjects[at])) return go(subjects[at]);
  }
}

function toggle(details) {
  if (details) details.open = !details.open;
}

function nextEvidence(place) {
  const all = [...place.querySelectorAll("details.evidence")];
  const opened = all.findIndex((one) => one.open);
  if (opened >= 0) all[opened].open = false;
  const next = all[opened + 1];
  if (!next) return go(place);
  next.open = true;
  within(next, "summary").focus();
}

function openReturn(place) {
  const details = within(place, ".decide details");
  if (!details) return;
  details.open = true;
  within(details, "textarea").focus();
}

const KEYS = {
  j: () => step(1),
  k: () => step(-1),
  w: () => step(1, (one) => within(one, ".warnings")),
  a: (place) => within(place, "button[value=approve]")?.focus(),
  r: openReturn,
  t: (place) => within(place, ".decide details[open] select")?.focus(),
  x: (place) => within(place, "input[name=chosen]")?.click(),
  e: nextEvidence,
  d: (place) => toggle(within(place, "details.differences")),
};

function showKeys() {
  const help = document.getElementById("keys");
  if (!help) return;
  toggle(help);
  within(help, "summary").focus();
}

function isTyping(target) {
  return target.matches("textarea, select, input:not([type=checkbox])") || target.isContentEditable;
}

function pressed(event) {
  const place = current();
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
  if (event.key === "Escape" && place) return go(place);
  if (isTyping(event.target)) return;
  if (event.key === "?") return showKeys();
  // The same keys where the keyboard is set to Kazakh or Russian: by their place, not by their letter.
  const key = /^[a-z]$/.test(event.key) ? event.key : event.code.replace(/^Key/, "").toLowerCase();
  const act = KEYS[key];
  if (!act || (!place && !"jkw".includes(key))) return;
  event.preventDefault();
  act(place);
}

function isOn() {
  try {
    return localStorage.getItem(OFF) === null;
  } catch {
    return true;
  }
}

function beginKeys() {
  const help = document.getElementById("keys");
  if (!help) return;
  const choice = document.getElementById("keys-on");
  help.hidden = false;
  choice.checked = isOn();
  choice.addEventListener("change", () => {
    try {
      if (choice.checked) localStorage.removeItem(OFF);
      else localStorage.setItem(OFF, "1");
    } catch {}
  });
  document.addEventListener("keydown", (event) => {
    if (choice.checked) pressed(event);
  });
  // Where a decision has led on to the next curriculum, the keyboard is there too.
  const target = document.querySelector(".case:target");
  if (target && document.activeElement === document.body) target.focus({ preventScroll: true });
}

function beginSending() {
  for (const reason of document.querySelectorAll("textarea[name=reason]")) {
    reason.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return;
      event.preventDefault();
      reason.form.requestSubmit(within(reason.form, "button[value=return]"));
    });
  }
}

function beginTexts() {
  for (const choice of document.querySelectorAll("select[name=ready]")) {
    const reason = within(choice.form, "textarea[name=reason]");
    within(choice.form, "button[value=fill]").hidden = true;
    choice.addEventListener("change", () => {
      const text = within(texts, `[data-key="${CSS.escape(choice.value)}"]`)?.textContent;
      if (!text) return;
      const typed = reason.value.trim();
      reason.value = typed ? `${typed}\n\n${text}` : text;
      choice.value = "";
      reason.focus();
    });
  }
}

function beginChoosing() {
  const form = document.getElementById("chosen");
  const count = document.getElementById("chosen-count");
  if (!form) return;
  const ticks = [...document.querySelectorAll("input[name=chosen]")];
  const tell = () => {
    const number = ticks.filter((one) => one.checked).length;
    count.textContent = number;
    form.classList.toggle("any", number > 0);
  };
  for (const one of ticks) one.addEventListener("change", tell);
  tell();
}

beginKeys();
beginSending();
if (texts) beginTexts();
beginChoosing();
