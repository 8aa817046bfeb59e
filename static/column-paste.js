// Pasting a column of a spreadsheet into a column of fields. Two columns, one of them codes: each number goes to the
// field of its code. One column: from the field downwards. Without this script each number is typed.

const fields = [...document.querySelectorAll("input[data-code]")];
const said = document.querySelector("[data-paste-said]");
document.querySelector("[data-paste-hint]")?.removeAttribute("hidden");

const fold = (text) => text.trim().toUpperCase().replaceAll(" ", "").replace("В", "B").replace("М", "M").replace("Д", "D");

function byCode(rows) {
  const places = new Map(fields.map((field) => [fold(field.dataset.code), field]));
  return rows.flatMap((cells) => {
    const at = cells.findIndex((cell) => places.has(fold(cell)));
    const number = cells.filter((_, place) => place !== at).findLast((cell) => /^[\d\s]+$/.test(cell));
    return at < 0 || number === undefined ? [] : [[places.get(fold(cells[at])), number]];
  });
}

function downwards(rows, from) {
  const start = fields.indexOf(from);
  return rows.map((cells, place) => [fields[start + place], cells[0]]).filter(([field]) => field);
}

document.addEventListener("paste", (event) => {
  if (!fields.includes(event.target)) return;
  const text = event.clipboardData.getData("text").replace(/[\r\n]+$/, "");
  if (!/[\t\n]/.test(text)) return;
  const rows = text.split(/\r?\n/).map((row) => row.split("\t"));
  const coded = byCode(rows);
  const pairs = coded.length ? coded : downwards(rows, event.target);
  if (!pairs.length) return;
  event.preventDefault();
  for (const [field, number] of pairs) {
    field.value = number.trim();
    field.dispatchEvent(new Event("input", { bubbles: true }));
  }
  if (said) said.textContent = `${said.dataset.text} ${pairs.length}`;
});
