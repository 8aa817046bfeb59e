// The page of a comparison shows what the server has kept. Where this browser has something newer, which was typed as
// the page before was left, it is sent first.

const form = document.getElementById("comparison");
const storeKey = `qamtu:typing:${form.dataset.key}`;

async function begin() {
  let left;
  try {
    left = JSON.parse(localStorage.getItem(storeKey));
  } catch {}
  if (!left) return;
  if (left.mark !== form.dataset.mark) {
    const fields = new URLSearchParams(left.body);
    fields.set("only", "keep");
    const answer = await fetch(form.dataset.keep, {
      method: "POST",
      headers: {
        "X-CSRFToken": form.elements.csrfmiddlewaretoken.value,
        "Content-Type": "application/x-www-form-urlencoded",
      },
      body: String(fields),
    });
    if (!answer.ok || !(await answer.json()).stored) return;
  }
  localStorage.removeItem(storeKey);
  if (left.mark !== form.dataset.mark) location.assign(form.getAttribute("action"));
}

begin().catch(() => {});
