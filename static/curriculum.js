// The form of a curriculum: rows in place, pasting, and drafts that save by themselves. Without this script all of it
// works by whole pages. What is typed goes to this browser's store at once, to the server a little later; it leaves
// the store only when the server says that it has it.

const WAIT = 3000; // after the last key
const SOON = 600; // after leaving a field
const RETRY = 15000; // without a connection

const form = document.getElementById("curriculum");
const status = document.getElementById("saving");
const body = form.querySelector("table.lines tbody");
const words = status.dataset;
const storeKey = `qamtu:typing:${form.dataset.key}`;

let mark = form.dataset.mark; // the name of the state that was typed last
let sentMark = form.dataset.saved === "yes" ? mark : null; // of the one that the server has dealt with
let sending = null;
let timer = 0;
let passing = false; // a press of a button that goes on to the server

// What is said

function say(text, link, linkText) {
  const said = [document.createTextNode(text)];
  if (link) {
    const a = document.createElement(link instanceof Function ? "button" : "a");
    if (link instanceof Function) {
      a.type = "button";
      a.className = "link";
      a.addEventListener("click", link);
    } else a.href = link;
    a.textContent = linkText;
    said.push(document.createTextNode(" "), a);
  }
  status.replaceChildren(...said);
}

// This browser's store

function stored() {
  try {
    return JSON.parse(localStorage.getItem(storeKey));
  } catch {
    return null;
  }
}

function store() {
  try {
    localStorage.setItem(storeKey, JSON.stringify({ mark, body: String(typed()) }));
  } catch {} // full or forbidden: the server has it in three seconds
}

function forget(which) {
  if (stored()?.mark === which) localStorage.removeItem(storeKey);
}

// Sending

function typed() {
  const fields = new URLSearchParams();
  for (const [name, value] of new FormData(form)) if (name !== "paste" && name !== "csrfmiddlewaretoken") fields.append(name, value);
  fields.set("mark", mark);
  return fields;
}

// The token may be newer than the page: one signs in again in another window.
function token() {
  const cookie = document.cookie.match(/(?:^|;\s*)(?:__Host-)?csrftoken=([^;]+)/);
  return cookie ? cookie[1] : form.elements.csrfmiddlewaretoken.value;
}

async function post(fields, keepalive = false) {
  const answer = await fetch(form.dataset.keep, {
    method: "POST",
    headers: { "X-CSRFToken": token(), "Content-Type": "application/x-www-form-urlencoded" },
    body: String(fields),
    keepalive,
    signal: keepalive ? undefined : AbortSignal.timeout(20000),
  });
  if (!answer.ok) return { state: "failed", stored: false };
  return answer.json();
}

// One at a time: the answer to one says which edit the next is made from.
async function send(only = "") {
  clearTimeout(timer);
  while (sending) await sending;
  const now = mark;
  const fields = typed();
  if (only) fields.set("only", only);
  if (!only) say(words.saving);
  let answer;
  sending = post(fields).catch(() => ({ state: "offline", stored: false }));
  try {
    answer = await sending;
  } finally {
    sending = null;
  }
  heed(answer, now);
  return answer;
}

function heed(answer, now) {
  if (answer.stored) {
    forget(now);
    if (now === mark) sentMark = mark;
  }
  if (answer.state === "saved" || answer.state === "unchanged") document.getElementById("typing")?.remove();
  for (const [name, value] of Object.entries(answer.fields ?? {})) form.elements[name].value = value ?? "";
  if (answer.state === "offline" || answer.state === "failed") {
    say(words[answer.state]);
    timer = setTimeout(send, RETRY);
  } else if (answer.state === "conflict") say(answer.message, answer.link, words.compare);
  else if (answer.state === "signed-out") say(answer.message, answer.link, words.signIn);
  else if (answer.field) say(answer.message, `#${answer.field}`, words.mend);
  else say(answer.message);
}

function changed(wait = WAIT) {
  mark = crypto.randomUUID?.() ?? String(Date.now()) + Math.random();
  store();
  clearTimeout(timer);
  timer = setTimeout(send, wait);
}

const isPending = () => mark !== sentMark;

form.addEventListener("input", (event) => {
  if (!event.target.closest(".paste")) changed();
});
form.addEventListener("change", (event) => {
  if (event.target.closest(".paste")) return;
  if (event.target.name?.endsWith("-code")) takeOver(event.target);
  changed(SOON);
});
addEventListener("online", () => isPending() && send());
document.addEventListener("visibilitychange", () => document.hidden && isPending() && !passing && send());
addEventListener("pagehide", () => {
  if (!isPending() || passing) return;
  const fields = typed();
  fields.set("only", "keep"); // saving would race with the page that comes next
  post(fields, true).catch(() => {});
});

// A link waits until the server has what was typed: the page that it leads to may be made from it.
document.addEventListener("click", async (event) => {
  const link = event.target.closest("a[href]");
  const plain = !event.button && !event.ctrlKey && !event.metaKey && !event.shiftKey && !event.altKey;
  if (!link || !plain || link.target || link.origin !== location.origin || link.hash) return;
  if (!isPending() && !sending) return;
  event.preventDefault();
  await Promise.race([send("keep"), new Promise((done) => setTimeout(done, 4000))]);
  location.assign(link.href);
});

// Buttons: those for rows work in place; the others wait until the server has what was typed, and go on only then.

form.addEventListener("submit", async (event) => {
  const button = event.submitter;
  const action = button?.value ?? "save";
  const [verb] = action.split("-");
  if (passing) return;
  if (["add", "up", "down"].includes(verb)) {
    event.preventDefault();
    rearrange(verb, button);
    return;
  }
  if (verb === "drop") {
    clearTimeout(timer);
    if (sending) event.preventDefault(); // what is under way would be kept after it was dropped
    await sending;
    passing = true;
    localStorage.removeItem(storeKey);
    if (event.defaultPrevented) form.requestSubmit(button);
    return;
  }
  if (!isPending() && !sending) {
    form.elements.csrfmiddlewaretoken.value = token();
    return;
  }
  event.preventDefault();
  const answer = await send("keep");
  if (answer.state === "offline" || answer.state === "signed-out") return;
  passing = true;
  form.elements.mark.value = mark;
  form.elements.csrfmiddlewaretoken.value = token();
  form.requestSubmit(button);
});
addEventListener("pageshow", () => (passing = false));

// Rows

const rows = () => [...body.rows];

function renumber() {
  rows().forEach((row, index) => {
    row.querySelector(".n").textContent = index + 1;
    for (const part of row.querySelectorAll("[name],[id],[for],[aria-describedby]"))
      for (const name of ["name", "id", "for", "aria-describedby"]) {
        const value = part.getAttribute(name);
        if (value) part.setAttribute(name, value.replace(/lines-(\d+|NEW)-/g, `lines-${index}-`));
      }
    for (const button of row.querySelectorAll(".order button")) button.value = button.value.replace(/-.*/, `-${index}`);
  });
  form.elements.rows.value = body.rows.length;
}

function addRow() {
  body.append(document.getElementById("blank-row").content.cloneNode(true));
}

function rearrange(verb, button) {
  const row = button.closest("tr");
  if (verb === "add") {
    const first = body.rows.length;
    for (let count = 0; count < 5; count++) addRow();
    renumber();
    body.rows[first].querySelector("input").focus();
  } else {
    const other = verb === "up" ? row.previousElementSibling : row.nextElementSibling;
    if (!other) return;
    if (verb === "up") other.before(row);
    else other.after(row);
    renumber();
    button.focus();
  }
  changed(SOON);
}

// A code that is known brings its title and what is usual for it, where nothing else is typed yet.
function takeOver(input) {
  const options = [...document.getElementById("disciplines").options];
  const known = options.find((option) => option.value === input.value.trim());
  if (!known) return;
  const cell = (name) => form.elements[input.name.replace(/-code$/, `-${name}`)];
  const title = cell("title").value.trim();
  if (!title || options.some((option) => option.textContent === title)) cell("title").value = known.textContent;
  if (!cell("credits").value) cell("credits").value = known.dataset.credits;
  if (cell("ai_category").value === "none") cell("ai_category").value = known.dataset.category;
  if (!cell("evidence_url").value) cell("evidence_url").value = known.dataset.evidence;
}

// A block of cells that is pasted into one cell fills the rows from there; the server reads it.
body.addEventListener("paste", (event) => {
  const text = event.clipboardData.getData("text/plain");
  const input = event.target;
  if (!input.name || !/\t|\n./.test(text.trim())) return;
  event.preventDefault();
  form.elements.paste.value = text;
  form.elements.paste_row.value = body.rows.length && input.closest("tr").rowIndex;
  form.elements.paste_column.value = input.name.replace(/^lines-\d+-/, "");
  form.requestSubmit(document.getElementById("paste-rows"));
});

// On opening: what the last visit could not send

async function begin() {
  const left = stored();
  if (left && left.mark !== form.dataset.mark) {
    const show = async () => {
      const answer = await post(new URLSearchParams(left.body)).catch(() => ({ stored: false }));
      if (!answer.stored) return;
      localStorage.removeItem(storeKey);
      const edit = answer.fields ? String(answer.fields.edit_number) : null;
      if (answer.state === "unchanged" || edit === form.elements.edit_number.value) return;
      location.reload();
    };
    if (form.dataset.mark) say(words.elsewhere, show, words.show);
    else await show();
    return;
  }
  if (left) localStorage.removeItem(storeKey);
  if (form.dataset.saved === "no") changed(SOON);
}

begin();
